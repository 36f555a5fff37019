"""Marks of the tests in Python."""


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes over a minute")
