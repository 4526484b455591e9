from mentorlink.accounts.forms import PasswordForm, SignInForm


def test_a_password_that_is_needed_says_so(app):
    with app.test_request_context():
        assert SignInForm().password.flags.required
        assert all(field.flags.required for field in (PasswordForm().current, PasswordForm().password))


def test_the_sign_in_page_calls_nothing_optional_that_is_needed(client):
    assert "※任意" not in client.get("/sign-in").text
