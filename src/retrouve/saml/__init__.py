"""SAML 2.0 for applications that speak nothing else: an optional extra (`pip install retrouve[saml]`, and xmlsec1)."""

import warnings

# pysaml2 asks cryptography for what has moved there; a warning would be a line in the log that is no event of ours.
warnings.filterwarnings("ignore", message="CFB has been moved")
