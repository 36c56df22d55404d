"""The nouns, one a file."""

from .article import Article
from .author import Author
from .citation import Citation
from .confidential_source import ConfidentialSource
from .correction import Correction
from .desk import Desk
from .error_report import ErrorReport
from .former_address import FormerAddress
from .key_point import KeyPoint
from .open_pages import OpenPages
from .photo import Photo
from .photo_use import PhotoUse
from .revision import Revision
from .saved_state import SavedState
from .section import Section
from .source import Source
from .story_format import StoryFormat
from .tally import Tally
from .topic import Topic
from .unsaved_text import UnsavedText
from .withholding import Withholding

__all__ = [
    "Article",
    "Author",
    "Citation",
    "ConfidentialSource",
    "Correction",
    "Desk",
    "ErrorReport",
    "FormerAddress",
    "KeyPoint",
    "OpenPages",
    "Photo",
    "PhotoUse",
    "Revision",
    "SavedState",
    "Section",
    "Source",
    "StoryFormat",
    "Tally",
    "Topic",
    "UnsavedText",
    "Withholding",
]
