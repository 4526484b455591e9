"""mentorlink: brings a person who wants to open an ibasho to someone who has done it."""
