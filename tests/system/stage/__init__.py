# SPDX-License-Identifier: Apache-2.0
"""The stage: real programs around emulated hardware, for the demo and the system tests."""
