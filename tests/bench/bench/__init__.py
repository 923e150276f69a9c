# SPDX-License-Identifier: Apache-2.0
"""script/bench's second half."""
