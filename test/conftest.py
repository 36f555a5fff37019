"""Marks of the tests in Python."""


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes over a minute")
    config.addinivalue_line("markers", "big: gigabytes, on the release build")
