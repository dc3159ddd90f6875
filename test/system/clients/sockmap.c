// SPDX-License-Identifier: MIT
/* Both ends of a connection, of which BPF hands one what the other sends, past TCP. */
#define _GNU_SOURCE
#include "command.h"
#include "endpoint.h"

#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char buffer[65536];
static int sender, receiver;

static int bpf(enum bpf_cmd command, union bpf_attr *attributes)
{
	return (int)must("bpf", syscall(SYS_bpf, command, attributes, sizeof(*attributes)));
}

/* For one socket. */
static int make_map(void)
{
	return bpf(BPF_MAP_CREATE, &(union bpf_attr){.map_type = BPF_MAP_TYPE_SOCKMAP,
						     .key_size = sizeof(uint32_t),
						     .value_size = sizeof(int),
						     .max_entries = 1});
}

static void put(int map, int member)
{
	uint32_t first = 0;

	bpf(BPF_MAP_UPDATE_ELEM, &(union bpf_attr){.map_fd = (uint32_t)map,
						   .key = (uint64_t)(uintptr_t)&first,
						   .value = (uint64_t)(uintptr_t)&member});
}

/* return bpf_msg_redirect_map(message, map, 0, BPF_F_INGRESS) */
static int load_redirect(int map)
{
	struct bpf_insn program[] = {
		{.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 2, .src_reg = BPF_PSEUDO_MAP_FD, .imm = map},
		{0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 4, .imm = BPF_F_INGRESS},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_msg_redirect_map},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf(BPF_PROG_LOAD, &(union bpf_attr){.prog_type = BPF_PROG_TYPE_SK_MSG,
						    .insns = (uint64_t)(uintptr_t)program,
						    .insn_cnt = sizeof(program) / sizeof(program[0]),
						    .license = (uint64_t)(uintptr_t) "GPL"});
}

/* connect ADDRESS */
static void command_connect(char **arguments)
{
	struct endpoint endpoint = endpoint_parse(arguments[0], "0");
	int listener = endpoint_socket(&endpoint, "tcp");
	char port[8];

	snprintf(port, sizeof(port), "%d", endpoint_bind(listener, &endpoint));
	must("listen", listen(listener, 1));
	sender = endpoint_connect("tcp", arguments[0], port);
	receiver = (int)must("accept", accept(listener, NULL, NULL));
	close(listener);
}

/* A socket takes the program that its map has when it is put there. */
static void command_redirect(char **arguments)
{
	int to = make_map(), from = make_map();

	(void)arguments;
	bpf(BPF_PROG_ATTACH, &(union bpf_attr){.target_fd = (uint32_t)from,
					       .attach_bpf_fd = (uint32_t)load_redirect(to),
					       .attach_type = BPF_SK_MSG_VERDICT});
	put(to, receiver);
	put(from, sender);
}

/* move BYTES */
static void command_move(char **arguments)
{
	for (size_t left = strtoul(arguments[0], NULL, 10); left;) {
		size_t size = left < sizeof(buffer) ? left : sizeof(buffer);
		long sent = must("send", send(sender, buffer, size, 0));

		counts_sent(sent);
		left -= (size_t)sent;
		while (sent) {
			long received = must("recv", recv(receiver, buffer, sizeof(buffer), 0));

			counts_received(received);
			sent -= received;
		}
	}
}

static const struct command commands[] = {
	{"connect", command_connect}, {"redirect", command_redirect}, {"move", command_move}, {NULL, NULL}};

int main(void)
{
	command_loop(commands);
	return 0;
}
