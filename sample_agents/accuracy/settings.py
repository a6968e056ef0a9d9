"""Which model answers: a simulated one, unless an endpoint is named."""

import os
from typing import Final, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings

from runtime.errors import SettingsError
from runtime.settings import FROM_OUTSIDE, format_setting_error
from sample_agents.accuracy.endpoint import Endpoint
from sample_agents.accuracy.model import Model
from sample_agents.accuracy.simulation import SimulatedModel

_ALLOWED: Final = {"llm_base_url": "an address that begins with http:// or https://", "llm_timeout": "seconds above 0"}


def is_simulated() -> bool:
    """Whether no endpoint is named in the environment; told without a look at whether the rest is right."""
    return not os.environ.get("CAUSELINE_LLM_BASE_URL")


class Settings(BaseSettings):
    """`CAUSELINE_LLM_*`; an empty variable is an unset one."""

    model_config = FROM_OUTSIDE

    llm_base_url: str = Field(default="", pattern=r"^(https?://.+)?$")
    """What `/chat/completions` is below; an OpenAI-compatible endpoint."""

    llm_model: str = ""
    """The model's name there."""

    llm_api_key: SecretStr = SecretStr("")
    """Presented to the endpoint as a bearer token, and to nobody else."""

    llm_timeout: float = Field(default=60.0, gt=0)
    """Seconds without a word from the endpoint."""

    @classmethod
    def load(cls) -> Self:
        """From the environment.

        Raises:
            SettingsError: a variable does not parse, or one of address and model is set without the other: a
                simulation's figures must not be taken for a model's.
        """
        try:
            found = cls()
        except ValidationError as error:
            raise SettingsError(format_setting_error(error, _ALLOWED)) from None
        if bool(found.llm_base_url) != bool(found.llm_model):
            raise SettingsError(
                "set both CAUSELINE_LLM_BASE_URL and CAUSELINE_LLM_MODEL to have a model answer, or neither for the "
                "simulation"
            )
        return found

    @property
    def is_simulated(self) -> bool:
        """Whether no endpoint answers."""
        return not self.llm_base_url

    def make_model(self, width: int, seed: int) -> Model:
        """The model that answers; width and seed are the simulation's."""
        if self.is_simulated:
            return SimulatedModel(width, seed)
        return Endpoint(self.llm_base_url, self.llm_model, self.llm_api_key.get_secret_value(), self.llm_timeout)
