"""The section `[nlp]`: how texts are read."""

from pydantic import BaseModel, ConfigDict


class NlpSettings(BaseModel):
    """`lexicon_dir`: a folder with an operator's own word lists (docs/lexicon.md); empty: only the shipped ones."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)

    lexicon_dir: str = ""
