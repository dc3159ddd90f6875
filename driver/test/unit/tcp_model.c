/* SPDX-License-Identifier: MIT */
#include "tcp_model.h"

#include <stdlib.h>

#define SEGMENT_BYTES 1460
#define MILLISECOND 10000ull
#define ONE_WAY (10 * MILLISECOND)
#define LEAST_TIMEOUT (300 * MILLISECOND)
#define MOST_RETRIES 5
#define MOST_SEGMENTS (1u << 20)
#define MOST_WINDOW 720.0 /* segments: 1 MB */
#define EVENTS (1u << 16)
#define NEVER (~0ull)
#define TCP_ACK 0x10

static struct tcp_model_flow *flows[4 * MOST_MODEL_FLOWS];

static struct tcp_model_flow *flow_of(UINT64 id)
{
	for (size_t index = 0; index < COUNT(flows); index++) {
		if (flows[index] && flows[index]->id == id)
			return flows[index];
	}
	return NULL;
}

static void replace_flow(struct tcp_model_flow *before, struct tcp_model_flow *flow)
{
	size_t index = 0;

	while (flows[index] != before)
		index++;
	flows[index] = flow;
}

static void add_event(struct tcp_model_flow *flow, BOOLEAN is_acknowledgement, ULONG sequence, ULONG count)
{
	struct tcp_model *model = flow->model;

	CHECK(model->last_event - model->first_event < EVENTS);
	model->events[model->last_event++ % EVENTS] =
		(struct event){KeQueryInterruptTime() + ONE_WAY, flow, is_acknowledgement, sequence, count};
}

/* ---- the receiver ---- */

static void receive_one(struct tcp_model_flow *flow, ULONG sequence)
{
	struct tcp_model_segment *segment = &flow->segment[sequence];

	if (segment->sends == 1) {
		if (segment->order < flow->latest)
			flow->model->overtaken++;
		flow->latest = segment->order;
		if (segment->order > flow->newest)
			flow->newest = segment->order;
	}
	if (!segment->is_received)
		flow->delivered += SEGMENT_BYTES, flow->model->delivered += SEGMENT_BYTES;
	segment->is_received = TRUE;
	while (flow->segment[flow->expected].is_received)
		flow->expected++;
}

static void receive(struct tcp_model_flow *flow, ULONG sequence, ULONG count)
{
	for (ULONG index = 0; index < count; index++)
		receive_one(flow, sequence + index);
	add_event(flow, TRUE, flow->expected, count);
}

/* Segments have left this machine, or have come to their socket. */
static void arrived(const struct engine_arrival *arrival, void *context)
{
	struct tcp_model_flow *flow = flow_of(arrival->flow);

	(void)context;
	if (!flow || arrival->is_inbound != flow->model->is_download || !arrival->bytes)
		return;
	if (flow->model->is_download)
		receive(flow, arrival->sequence, arrival->bytes / SEGMENT_BYTES);
	else
		add_event(flow, FALSE, arrival->sequence, arrival->bytes / SEGMENT_BYTES);
}

/* ---- the sender ---- */

static ULONGLONG timeout_of(const struct tcp_model_flow *flow)
{
	double timeout = flow->round_trip + 4 * flow->deviation;

	return (ULONGLONG)(timeout < LEAST_TIMEOUT ? LEAST_TIMEOUT : timeout) << flow->backoff;
}

static void note_sent(struct tcp_model_flow *flow, ULONG sequence)
{
	struct tcp_model_segment *segment = &flow->segment[sequence];

	CHECK(sequence + 1 < MOST_SEGMENTS);
	segment->order = ++flow->order;
	segment->sent_at = KeQueryInterruptTime();
	if (segment->sends++ == 0)
		flow->model->sent += SEGMENT_BYTES;
}

static void send(struct tcp_model_flow *flow, ULONG sequence, ULONG count)
{
	for (ULONG index = 0; index < count; index++)
		note_sent(flow, sequence + index);
	if (flow->timeout == NEVER)
		flow->timeout = KeQueryInterruptTime() + timeout_of(flow);
	if (flow->model->is_download)
		add_event(flow, FALSE, sequence, count);
	else
		engine_segment(flow->id, FALSE, sequence, count * SEGMENT_BYTES, TCP_ACK);
}

/* What was sent later has arrived, and nothing overtakes another (RFC 8985). */
static BOOLEAN is_lost(const struct tcp_model_flow *flow, ULONG sequence)
{
	return !flow->segment[sequence].is_received && flow->segment[sequence].order < flow->newest;
}

static ULONG under_way(const struct tcp_model_flow *flow, ULONG *lost)
{
	ULONG count = 0;

	*lost = 0;
	for (ULONG sequence = flow->unacknowledged; sequence < flow->next; sequence++) {
		*lost += is_lost(flow, sequence);
		count += !flow->segment[sequence].is_received;
	}
	return count - *lost;
}

static void shrink(struct tcp_model_flow *flow)
{
	ULONG lost, under = under_way(flow, &lost);

	flow->threshold = (under + lost) / 2.0 < 2 ? 2 : (under + lost) / 2.0;
	flow->window = flow->threshold;
	flow->recover = flow->next;
	flow->arrived = 1;
}

/* While something is missing, no more is sent than has arrived, or, after a timeout, twice that (RFC 6937). */
static ULONG window_of(struct tcp_model_flow *flow, ULONG under)
{
	ULONG window = (ULONG)flow->window, most = under + flow->arrived;

	if (flow->unacknowledged >= flow->recover)
		return window;
	flow->arrived = 0;
	return window < most ? window : most;
}

static void fill_window(struct tcp_model_flow *flow)
{
	ULONG lost, under = under_way(flow, &lost), window, count;

	if (lost && flow->unacknowledged >= flow->recover)
		shrink(flow);
	window = window_of(flow, under);
	for (ULONG sequence = flow->unacknowledged; lost && under < window; sequence++) {
		if (!is_lost(flow, sequence))
			continue;
		if (sequence == flow->unacknowledged)
			flow->timeout = NEVER; /* begins anew */
		send(flow, sequence, 1);
		under++;
		lost--;
	}
	for (; !flow->model->is_finishing && under < window; under += count) {
		count = window - under < flow->model->large ? window - under : flow->model->large;
		send(flow, flow->next, count);
		flow->next += count;
	}
}

static void grow(struct tcp_model_flow *flow, ULONG acknowledged)
{
	flow->window += flow->window < flow->threshold ? acknowledged : acknowledged / flow->window;
	if (flow->window > MOST_WINDOW)
		flow->window = MOST_WINDOW;
}

/* By one that was sent once. */
static void measure(struct tcp_model_flow *flow, const struct tcp_model_segment *last)
{
	double taken = (double)(KeQueryInterruptTime() - last->sent_at);
	double error = taken > flow->round_trip ? taken - flow->round_trip : flow->round_trip - taken;

	if (last->sends != 1)
		return;
	flow->backoff = 0;
	flow->deviation += (error - flow->deviation) / 4;
	flow->round_trip += (taken - flow->round_trip) / 8;
}

static void go_on(struct tcp_model_flow *flow, ULONG expected)
{
	if (flow->unacknowledged >= flow->recover || flow->window < flow->threshold)
		grow(flow, expected - flow->unacknowledged);
	measure(flow, &flow->segment[expected - 1]);
	flow->unacknowledged = expected;
	flow->retries = 0;
	flow->timeout = expected == flow->next ? NEVER : KeQueryInterruptTime() + timeout_of(flow);
}

/* What was sent before a timeout still arrives: it was late, not lost (RFC 5682). */
static void decide_doubt(struct tcp_model_flow *flow, BOOLEAN advances)
{
	ULONG lost;

	if (advances && flow->doubt == 1 && !flow->model->is_finishing) {
		flow->window = 2 + under_way(flow, &lost);
		flow->doubt = 2;
		return;
	}
	if (advances && flow->doubt == 2)
		flow->window = flow->threshold;
	else
		flow->newest = flow->resent > flow->newest ? flow->resent : flow->newest;
	flow->recover = flow->unacknowledged;
	flow->doubt = 0;
}

static void acknowledge(struct tcp_model_flow *flow, ULONG expected, ULONG count)
{
	BOOLEAN advances = expected > flow->unacknowledged;

	flow->arrived += flow->window < flow->threshold ? 2 * count : count;

	if (advances)
		go_on(flow, expected);
	if (flow->doubt)
		decide_doubt(flow, advances);
}

static void check_timeout(struct tcp_model_flow *flow)
{
	if (KeQueryInterruptTime() < flow->timeout)
		return;
	flow->model->timeouts++;
	if (flow->retries++ == MOST_RETRIES)
		test_fail(__FILE__, __LINE__, "a connection is given up");
	flow->backoff++;
	flow->timeout = KeQueryInterruptTime() + timeout_of(flow);
	shrink(flow);
	flow->window = 1;
	flow->doubt = 1;
	send(flow, flow->unacknowledged, 1);
	flow->resent = flow->order;
}

/* ---- the network ---- */

static void happen(const struct event *event)
{
	struct tcp_model_flow *flow = event->flow;

	if (event->is_acknowledgement) {
		/* An acknowledgement is a packet as well; it must never be held. */
		if (!flow->model->is_download)
			engine_segment(flow->id, TRUE, 0, 0, TCP_ACK);
		acknowledge(flow, event->sequence, event->count);
	} else if (flow->model->is_download) {
		engine_segment(flow->id, TRUE, event->sequence, event->count * SEGMENT_BYTES, TCP_ACK);
	} else {
		receive(flow, event->sequence, event->count);
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
	model->large = 1;
	model->count = count;
	model->events = calloc(EVENTS, sizeof(struct event));
	engine_on_arrival(arrived, NULL);
	for (int index = 0; index < count; index++) {
		struct engine_flow_options options = rig_flow(process_id);
		struct tcp_model_flow *flow = &model->flow[index];

		options.path = path;
		*flow = (struct tcp_model_flow){.model = model, .window = 10, .threshold = MOST_WINDOW};
		flow->timeout = NEVER;
		flow->round_trip = 2 * ONE_WAY;
		flow->deviation = ONE_WAY;
		flow->segment = calloc(MOST_SEGMENTS, sizeof(*flow->segment));
		flow->id = engine_flow_open(&options);
		replace_flow(NULL, flow);
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
		if (model->flow[index].unacknowledged < model->flow[index].next)
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
		free(model->flow[index].segment);
		replace_flow(&model->flow[index], NULL);
	}
	free(model->events);
}
