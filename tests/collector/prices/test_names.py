"""Names of models, whatever is around them."""

import pytest

from collector.prices import names


@pytest.mark.parametrize(
    ("sent", "model"),
    [
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5-20251001"),
        ("anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku-20240307"),
        ("amazon.nova-pro-v1:0", "nova-pro"),
        ("openai.gpt-oss-120b-1:0", "gpt-oss-120b"),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5@20250929"),
        ("claude-sonnet-4-5@default", "claude-sonnet-4-5"),
        ("openai-codex/gpt-5.5", "gpt-5.5"),
        ("openrouter/anthropic/claude-3.5-sonnet", "claude-3.5-sonnet"),
        ("models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("arn:aws:bedrock:eu-west-1:1:inference-profile/eu.amazon.nova-lite-v1:0", "nova-lite"),
        ("GPT-4o", "gpt-4o"),
    ],
)
def test_what_regions_vendors_and_routers_add_is_taken_off(sent: str, model: str) -> None:
    """The name as it was sent is looked for first."""
    assert names.list_name_variants(sent)[-1] == model
    assert names.list_name_variants(sent)[0] == sent.lower()


def test_a_date_is_all_that_may_follow_a_name() -> None:
    """Sizes, versions and other suffixes are other models."""
    assert names.strip_date("gpt-4o-2024-08-06") == "gpt-4o"
    assert names.strip_date("claude-sonnet-4-5@20250929") == "claude-sonnet-4-5"
    assert [names.strip_date(each) for each in ("gpt-5.4-mini", "gpt-4o-2024-13-06", "o1-1234", "m-20259999")] == [
        None
    ] * 4


def test_a_free_variant_is_another_model() -> None:
    """A router's `:free` must not be priced as what it is a variant of."""
    assert "deepseek-chat" not in names.list_name_variants("deepseek/deepseek-chat:free")
