# SPDX-License-Identifier: Apache-2.0
"""The demo's scenario: what is done at the desk, and which alerts must come of it."""
