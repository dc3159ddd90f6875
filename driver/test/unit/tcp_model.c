/* SPDX-License-Identifier: MIT */
#include "tcp_model.h"

#include <stdlib.h>

#define SEGMENT_BYTES 1460
#define MILLISECOND 10000ull
#define ONE_WAY (10 * MILLISECOND)
#define TIMEOUT (1000 * MILLISECOND)
#define MOST_SEGMENTS (1u << 18)
#define MOST_WINDOW 180.0 /* segments: 256 KB */
#define EVENTS (1u << 16)
#define TCP_ACK 0x10

static struct tcp_model_flow *flows[64];
static int flow_count;

static struct tcp_model_flow *flow_of(UINT64 id)
{
	for (int index = 0; index < flow_count; index++) {
		if (flows[index]->id == id)
			return flows[index];
	}
	return NULL;
}

static void add_event(struct tcp_model_flow *flow, ULONGLONG delay, BOOLEAN is_acknowledgement, ULONG sequence)
{
	struct tcp_model *model = flow->model;

	CHECK(model->last_event - model->first_event < EVENTS);
	model->events[model->last_event++ % EVENTS] =
		(struct event){KeQueryInterruptTime() + delay, flow, is_acknowledgement, sequence};
}

/* ---- the receiver ---- */

static void note_order(struct tcp_model_flow *flow, ULONG sequence)
{
	if (sequence < flow->resent_below)
		return;
	if (sequence < flow->latest)
		flow->model->overtaken++;
	else
		flow->latest = sequence;
}

static void receive(struct tcp_model_flow *flow, ULONG sequence)
{
	note_order(flow, sequence);
	if (sequence > flow->highest)
		flow->highest = sequence;
	if (!flow->received[sequence]) {
		flow->received[sequence] = TRUE;
		flow->delivered += SEGMENT_BYTES;
		flow->model->delivered += SEGMENT_BYTES;
	}
	while (flow->received[flow->expected])
		flow->expected++;
}

/* A segment has left this machine, or has come to its socket. */
static void arrived(const struct engine_arrival *arrival, void *context)
{
	struct tcp_model_flow *flow = flow_of(arrival->flow);

	(void)context;
	if (!flow || arrival->is_inbound != flow->model->is_download || !arrival->bytes)
		return;
	if (!flow->model->is_download) {
		add_event(flow, ONE_WAY, FALSE, arrival->sequence);
		return;
	}
	receive(flow, arrival->sequence);
	add_event(flow, ONE_WAY, TRUE, flow->expected);
}

/* ---- the sender ---- */

static void send(struct tcp_model_flow *flow, ULONG sequence)
{
	CHECK(sequence + 1 < MOST_SEGMENTS);
	if (sequence < flow->ever_sent) {
		if (flow->resent_below <= sequence)
			flow->resent_below = sequence + 1;
	} else {
		flow->ever_sent = sequence + 1;
		flow->model->sent += SEGMENT_BYTES;
	}
	if (flow->model->is_download)
		add_event(flow, ONE_WAY, FALSE, sequence);
	else
		engine_segment(flow->id, FALSE, sequence, SEGMENT_BYTES, TCP_ACK);
}

/* With selective acknowledgements a sender knows what the receiver has. */
static ULONG under_way(const struct tcp_model_flow *flow)
{
	ULONG count = 0;

	for (ULONG sequence = flow->unacknowledged; sequence < flow->next; sequence++)
		count += !flow->received[sequence];
	return count;
}

static void fill_window(struct tcp_model_flow *flow)
{
	ULONG count = under_way(flow);

	while (count < (ULONG)flow->window && (!flow->model->is_finishing || flow->next < flow->ever_sent)) {
		ULONG sequence = flow->next++;

		if (flow->received[sequence])
			continue;
		send(flow, sequence);
		count++;
	}
	if (flow->next == flow->unacknowledged)
		flow->timeout = ~0ull;
}

static void shrink(struct tcp_model_flow *flow, double window)
{
	flow->threshold = (flow->next - flow->unacknowledged) / 2.0;
	if (flow->threshold < 2)
		flow->threshold = 2;
	flow->window = window > 0 ? window : flow->threshold;
}

static void grow(struct tcp_model_flow *flow, ULONG acknowledged)
{
	flow->window += flow->window < flow->threshold ? acknowledged : acknowledged / flow->window;
	if (flow->window > MOST_WINDOW)
		flow->window = MOST_WINDOW;
}

/* One that is missing for each acknowledgement, each of them once in a recovery. */
static void resend_next(struct tcp_model_flow *flow)
{
	if (flow->resend < flow->unacknowledged)
		flow->resend = flow->unacknowledged;
	while (flow->resend < flow->recover && flow->received[flow->resend])
		flow->resend++;
	if (flow->resend < flow->recover && flow->resend + 3 <= flow->highest) /* or it may only be late */
		send(flow, flow->resend++);
}

static void acknowledge(struct tcp_model_flow *flow, ULONG expected)
{
	flow->timeout = KeQueryInterruptTime() + TIMEOUT;
	if (expected > flow->unacknowledged) {
		ULONG acknowledged = expected - flow->unacknowledged;

		flow->unacknowledged = expected;
		if (flow->next < expected)
			flow->next = expected;
		flow->duplicates = 0;
		if (!flow->in_recovery)
			grow(flow, acknowledged);
		else if (expected >= flow->recover)
			flow->in_recovery = FALSE;
	} else if (++flow->duplicates == 3 && !flow->in_recovery) {
		flow->in_recovery = TRUE;
		flow->recover = flow->next;
		flow->resend = flow->unacknowledged;
		shrink(flow, 0);
	}
	if (flow->in_recovery)
		resend_next(flow);
}

static void check_timeout(struct tcp_model_flow *flow)
{
	if (KeQueryInterruptTime() < flow->timeout)
		return;
	flow->timeout = KeQueryInterruptTime() + TIMEOUT;
	flow->in_recovery = FALSE;
	flow->duplicates = 0;
	shrink(flow, 1);
	flow->next = flow->unacknowledged;
	if (flow->next < flow->ever_sent)
		send(flow, flow->next++);
}

/* ---- the network ---- */

static void happen(const struct event *event)
{
	struct tcp_model_flow *flow = event->flow;

	if (event->is_acknowledgement) {
		/* An acknowledgement is a packet as well; it must never be held. */
		if (!flow->model->is_download)
			engine_segment(flow->id, TRUE, 0, 0, TCP_ACK);
		acknowledge(flow, event->sequence);
	} else if (flow->model->is_download) {
		engine_segment(flow->id, TRUE, event->sequence, SEGMENT_BYTES, TCP_ACK);
	} else {
		receive(flow, event->sequence);
		add_event(flow, ONE_WAY, TRUE, flow->expected);
	}
}

static void do_what_is_due(struct tcp_model *model)
{
	while (model->first_event != model->last_event &&
	       model->events[model->first_event % EVENTS].time <= KeQueryInterruptTime()) {
		struct event event = model->events[model->first_event++ % EVENTS];

		happen(&event);
	}
	for (int index = 0; index < model->count; index++) {
		check_timeout(&model->flow[index]);
		fill_window(&model->flow[index]);
	}
}

void tcp_model_start_as(struct tcp_model *model, ULONG process_id, const WCHAR *path, int count, BOOLEAN is_download)
{
	memset(model, 0, sizeof(*model));
	model->is_download = is_download;
	model->count = count;
	model->events = calloc(EVENTS, sizeof(struct event));
	engine_on_arrival(arrived, NULL);
	for (int index = 0; index < count; index++) {
		struct engine_flow_options options = rig_flow(process_id);
		struct tcp_model_flow *flow = &model->flow[index];

		options.path = path;
		*flow = (struct tcp_model_flow){.model = model, .window = 10, .threshold = MOST_WINDOW};
		flow->timeout = KeQueryInterruptTime() + TIMEOUT;
		flow->received = calloc(MOST_SEGMENTS, 1);
		flow->id = engine_flow_open(&options);
		flows[flow_count++] = flow;
	}
}

void tcp_model_start(struct tcp_model *model, ULONG process_id, int count, BOOLEAN is_download)
{
	tcp_model_start_as(model, process_id, rig_path(process_id), count, is_download);
}

void tcp_model_run(struct tcp_model *model, ULONGLONG ticks)
{
	do_what_is_due(model);
	for (ULONGLONG passed = 0; passed < ticks; passed += MILLISECOND) {
		nt_clock_advance(MILLISECOND);
		do_what_is_due(model);
	}
}

static BOOLEAN is_done(const struct tcp_model *model)
{
	for (int index = 0; index < model->count; index++) {
		if (model->flow[index].unacknowledged < model->flow[index].ever_sent)
			return FALSE;
	}
	return TRUE;
}

void tcp_model_finish(struct tcp_model *model)
{
	model->is_finishing = TRUE;
	for (int round = 0; round < 600 && !is_done(model); round++)
		tcp_model_run(model, 100 * MILLISECOND);
	CHECK(is_done(model));
	tcp_model_run(model, 5 * ONE_WAY);
	for (int index = 0; index < model->count; index++) {
		engine_flow_close(model->flow[index].id);
		free(model->flow[index].received);
		model->flow[index].id = 0;
	}
	free(model->events);
}
