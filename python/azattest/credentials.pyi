from . import AccessToken as AccessToken
from . import CallbackCredential as CallbackCredential
from . import StaticTokenCredential as StaticTokenCredential
