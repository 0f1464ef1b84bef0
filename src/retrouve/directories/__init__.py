"""Where accounts live. Six verbs (`port.py`), one module per kind of directory."""
