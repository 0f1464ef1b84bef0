"""What reads visitors' bytes, each under a coverage-guided fuzzer, with an oracle: `python -m tests.fuzz.atheris NAME`.

Nothing here needs atheris but `__main__`: the corpus is tried without it as well.
"""
