"""The smallest site on which django-allauth can do the same journey."""
