"""Secrets are found by the words of a key and by how they look; all else stays."""

import json
import re

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue, KeyValueList

from runtime.redaction.configured_redactor import ALLOWED, get_redactor, parse_own_pattern
from runtime.redaction.messages import clean_map
from runtime.redaction.patterns import KEYS as KEY_PATTERNS
from runtime.redaction.patterns import PATTERNS, assignments
from runtime.redaction.redactor import IDLE, Redactor
from runtime.redaction.words import SECRET_WORDS, SecretWords
from tests.runtime.redaction.samples import (
    COMMANDS,
    HARMLESS,
    HARMLESS_COMMANDS,
    KEYS,
    OTHER_HARMLESS,
    OTHER_KEYS,
    OTHER_TEXTS,
    SECRET,
    TEXTS,
)

REDACTOR = Redactor()


@pytest.mark.parametrize(
    "key",
    [
        *("X-Api-Key", "access_token", "Cookie", "clientSecret", "Authorization", "PassWord", "APIKey", "XApiKey"),
        *("http.request.header.set-cookie", "db.password", "apikey", "password2", "user credentials", "AWS_SECRET"),
        *(
            "Private-Key",
            "refreshTokens",
            "proxy-authorization",
            "db.url.password",
            "llm.provider.api_key",
            "SMTP_PASS",
        ),
        *("name.password", "token.type.secret", "connectionString", "SECRET_KEY_BASE", "csrf_token"),
    ],
)
def test_a_key_is_known_by_its_words(key: str) -> None:
    """Whatever case and separators it is written with."""
    assert REDACTOR.is_secret(key)


@pytest.mark.parametrize(
    "key",
    [
        *("gen_ai.usage.input_tokens", "max_tokens", "token_count", "llm.token_count.prompt", "tokens", "secretary"),
        *(
            "tokenizer",
            "session.id",
            "key",
            "password_policy",
            "secret.name",
            "api_key_name",
            "aws.secretsmanager.secret.arn",
            "author",
            "token_type",
            "cookie_count",
            "",
            "messaging.message.id",
        ),
    ],
)
def test_parts_of_words_and_what_is_said_about_secrets_are_none(key: str) -> None:
    """Whole words, and none that count, limit or describe."""
    assert not REDACTOR.is_secret(key)


def test_numbers_and_truth_values_are_no_secrets() -> None:
    """They count or limit them."""
    values = {"token": 5, "password": True, "secret": None, "cookie": 1.5, "authorization": ""}
    assert {key: REDACTOR.value(key, value) for key, value in values.items()} == values


@pytest.mark.parametrize("text", [*TEXTS, *OTHER_TEXTS, *COMMANDS])
def test_a_secret_in_a_text_is_gone(text: str) -> None:
    """And what is clean stays as it is: the collector cleans again what the runtime has cleaned."""
    clean = REDACTOR.text(text)
    assert SECRET not in clean
    assert REDACTOR.text(clean) == clean


@pytest.mark.parametrize("key", (KEYS | OTHER_KEYS).values(), ids=KEYS | OTHER_KEYS)
@pytest.mark.parametrize("around", ["{}", "key {} was refused", '{{"text": ["{}"]}}', "https://x.example/?k={}&n=1"])
def test_keys_of_providers_are_known_by_how_they_look(key: str, around: str) -> None:
    """Wherever they stand."""
    assert REDACTOR.text(around.format(key)) == around.format("[redacted]").replace('": [', '":[')


@pytest.mark.parametrize("text", [*HARMLESS, *OTHER_HARMLESS, *HARMLESS_COMMANDS])
def test_what_holds_no_secret_stays_as_it_was_written(text: str) -> None:
    """To the letter."""
    assert REDACTOR.text(text) == text


def test_json_is_cleaned_by_its_keys_at_any_depth() -> None:
    """Texts that are JSON themselves included."""
    told = {"a": [{"clientSecret": {"deep": SECRET}}], "body": json.dumps({"token": SECRET, "n": 1}), "n": 1}
    assert json.loads(REDACTOR.text(json.dumps(told))) == {
        "a": [{"clientSecret": "[redacted]"}],
        "body": '{"token":"[redacted]","n":1}',
        "n": 1,
    }


PIECES = st.sampled_from(
    [
        *(
            "password",
            "Token",
            "api_key",
            "=",
            ":",
            '"',
            "'",
            "\\",
            " ",
            "\n",
            "x1",
            "Bearer ",
            "sk-",
            "://",
            "@",
            "{",
            "}",
        ),
        *(
            "abcdefgh" * 3,
            "\\u0070assword",
            "eyJ",
            ".",
            "-----BEGIN PRIVATE KEY-----",
            "Ä",
            "\ud800",
            "-p",
            "curl",
            "auth",
            "pass",
            ",",
            "[",
            "]",
            *TEXTS,
            *OTHER_TEXTS,
        ),
    ]
)


@settings(max_examples=50)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_what_is_changed_was_suspected(text: str) -> None:
    """RE2 finds all that Python changes, so that the collector may look at nothing else."""
    text = text.encode("utf-8", "replace").decode()
    if REDACTOR.text(text) != text:
        assert pc.match_substring_regex(pa.array([text]), REDACTOR.suspicion())[0].as_py()


@pytest.mark.parametrize("text", [*TEXTS, *OTHER_TEXTS, *COMMANDS, *KEYS.values(), *OTHER_KEYS.values()])
def test_each_secret_is_suspected(text: str) -> None:
    """In a text, and in a map and a list, which are searched as bytes."""
    assert pc.match_substring_regex(pa.array([text]), REDACTOR.suspicion())[0].as_py()
    message = KeyValueList(values=[KeyValue(key="a", value=AnyValue(string_value=text))])
    raw = pa.array([message.SerializeToString()])
    assert pc.match_substring_regex(raw, REDACTOR.suspicion(in_bytes=True))[0].as_py()


@settings(max_examples=50)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_cleaning_never_fails(text: str) -> None:
    """Whatever the text is, and lone surrogates included."""
    assert isinstance(REDACTOR.text(text), str)


def test_expressions_repeat_nothing_that_repeats() -> None:
    """A group that is repeated, and repeats without end what may follow it, can take for ever."""
    deterministic = (r"(?:-[^-]+)*", r'(?:[^"\\]|\\.)+', r"(?:[^'\\]|\\.)+", r"(?:\r?\n[ \t]+[^\r\n]+)+")
    for pattern in (*PATTERNS, *KEY_PATTERNS, *assignments(SecretWords(SECRET_WORDS).expression())):
        rest = pattern.expression
        for group in deterministic:
            rest = rest.replace(group, "")
        assert not re.search(r"\)[*+{]", rest), rest


@pytest.mark.parametrize(
    "hostile",
    [
        "eyJ-",
        "://a:",
        "password=",
        'password="\\',
        "-----BEGIN PRIVATE KEY-----",
        "SG.-",
        "token_",
        "Bearer ",
        "[",
        "cookie = ",
        "mysql ",
        "mysql -p",
        "password=a,",
        "'password=a ",
        " -u a:",
        "pass=",
        "login a password ",
        '"password',
        "config set ",
        "login ",
        "-U a%",
        "['a', ",
        "acl setuser ",
        "htpasswd -b a ",
        "password: |\n a",
        "<password ",
        "<input value='",
        'name="token" ',
        "a:",
    ],
)
def test_hostile_texts_take_no_more_than_their_length(hostile: str) -> None:
    """A quarter of a megabyte; an expression that looks back and forth would never end."""
    REDACTOR.text(hostile * (2**18 // len(hostile)))


def test_operators_add_names_and_an_expression() -> None:
    """Beside what everybody knows."""
    own = get_redactor(active=True, words="pin, card number", pattern=r"\bCUST-[0-9]{6}\b")
    assert [own.is_secret(key) for key in ("PIN", "cardNumber", "password", "spin")] == [True, True, True, False]
    assert own.text("CUST-123456 has password=abc") == "[redacted] has password=[redacted]"
    assert own.text("a (CUST-123456)") == "a ([redacted])"


def test_settings_that_ask_for_the_same_share_a_redactor() -> None:
    """It takes a tenth of a second to make, which each process that is forked for a piece of work took."""
    assert get_redactor(active=True, words="pin", pattern="") is get_redactor(active=True, words="pin", pattern="")
    assert get_redactor(active=True, words="pin", pattern="") is not get_redactor(
        active=True, words="pin", pattern="x[0-9]"
    )


def test_it_can_be_turned_off() -> None:
    """Then all stays."""
    assert get_redactor(active=False, words="pin", pattern="") is IDLE
    assert IDLE.is_idle
    assert [IDLE.text(text) for text in TEXTS] == list(TEXTS)
    assert IDLE.value("password", SECRET) == SECRET


@pytest.mark.parametrize(
    "expression", ["(a+)+", "(a|b)*", "(", r"(a)\1", "(?=a)", "a*b*c", "a*", "x++", "[a", "(?P<n>a)"]
)
def test_expressions_that_may_take_for_ever_are_refused(expression: str) -> None:
    """And those that match nothing at all, or that RE2 lacks."""
    with pytest.raises(ValueError, match=re.escape(ALLOWED)):
        parse_own_pattern(expression)


def test_otlp_values_are_cleaned_at_any_depth() -> None:
    """Maps in maps, lists in lists, bytes; numbers stay."""
    inner = KeyValueList(values=[KeyValue(key="token", value=AnyValue(string_value=SECRET))])
    message = KeyValueList()
    message.values.add(key="map").value.kvlist_value.CopyFrom(inner)
    message.values.add(key="list").value.array_value.values.add().array_value.values.add().string_value = TEXTS[0]
    message.values.add(key="raw").value.bytes_value = b"\xff" + TEXTS[0].encode()
    message.values.add(key="token").value.int_value = 5
    assert clean_map(message, REDACTOR)
    assert SECRET.encode() not in message.SerializeToString()
    assert message.values[3].value.int_value == 5
    assert not clean_map(message, REDACTOR)
