# SPDX-License-Identifier: Apache-2.0
"""A drill, with the shipped programs."""
