"""Made-up people for the demo, for the published year 2023 and for measuring. Never beside real ones."""

from mentorlink.seeds.cast import SeedRefused
from mentorlink.seeds.demo import seed_demo
from mentorlink.seeds.engao import seed_engao_2023
from mentorlink.seeds.scale import seed_scale

__all__ = ["SeedRefused", "seed_demo", "seed_engao_2023", "seed_scale"]
