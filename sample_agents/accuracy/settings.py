"""Which model answers: a simulated one, unless an endpoint is named."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from sample_agents.accuracy.endpoint import Endpoint
from sample_agents.accuracy.model import Model
from sample_agents.accuracy.simulation import SimulatedModel


class Settings(BaseSettings):
    """`CAUSELINE_LLM_*`; an empty variable is an unset one. Both of the first two, or the simulation answers."""

    model_config = SettingsConfigDict(env_prefix="CAUSELINE_LLM_", env_ignore_empty=True)

    base_url: str = ""
    model: str = ""
    api_key: SecretStr = SecretStr("")
    timeout: float = Field(default=60.0, gt=0)
    """Seconds without a word from the endpoint."""

    @property
    def is_simulated(self) -> bool:
        """Whether no endpoint answers."""
        return not (self.base_url and self.model)

    def chosen(self, width: int, seed: int) -> Model:
        """The model that answers; width and seed are the simulation's."""
        if self.is_simulated:
            return SimulatedModel(width, seed)
        return Endpoint(self.base_url, self.model, self.api_key.get_secret_value(), self.timeout)
