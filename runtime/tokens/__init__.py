"""Tokens: who may send telemetry, who may read, who may act; how they are kept, and which one a program presents."""

from runtime.tokens.own_token import OwnToken
from runtime.tokens.register import Register, RegisterError, create, revoke
from runtime.tokens.token import Caller, Scope, Token

__all__ = ["Caller", "OwnToken", "Register", "RegisterError", "Scope", "Token", "create", "revoke"]
