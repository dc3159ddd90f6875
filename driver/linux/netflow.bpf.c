// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * NetFlow's driver for Linux, as one compiled unit: each file below has the programs of one subject, the headers have
 * what they share. Compiled one by one they would have to be linked, by bpftool, which a user's machine need not have;
 * and their maps and globals would be declared in one place and defined in another. docs/architecture.md has the table
 * of the hooks.
 */
#include "count.bpf.c"
#include "detour.bpf.c"
#include "fit_windows.bpf.c"
#include "measure.bpf.c"
#include "new_sockets.bpf.c"
#include "process_life.bpf.c"
#include "read_connections.bpf.c"
#include "read_processes.bpf.c"
#include "read_statistics.bpf.c"
#include "reapply_rules.bpf.c"
#include "sending.bpf.c"

char LICENSE[] SEC("license") = "Dual MIT/GPL";
