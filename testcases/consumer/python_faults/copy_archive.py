# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# Continues a file that sets ARCHIVE and KIND.
import shutil
import sys

device, output = sys.argv[2], sys.argv[4]
if KIND == "silent":
    print("exported")
    sys.exit(0)
if KIND == "unexplained" and device != "cpu":
    sys.exit(77)
if KIND == "one_device" and device != "cpu":
    sys.exit("RuntimeError: CUDA error: no kernel image is available for execution on the device")
if KIND == "skipping":
    print("this exporter has no time today")
    sys.exit(77)
if device != "cpu":
    print("copied archives are of the CPU")
    sys.exit(77)
shutil.copy(ARCHIVE, output)
