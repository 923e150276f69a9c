# SPDX-License-Identifier: Apache-2.0
"""What happens when a program dies at the worst moment."""
