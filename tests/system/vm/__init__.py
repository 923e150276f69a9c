# SPDX-License-Identifier: Apache-2.0
"""script/test-vm: the installed package on a real kernel, with a collector outside the machine."""
