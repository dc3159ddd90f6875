/* SPDX-License-Identifier: MIT */
/*
 * How much a limit lets through, on a clock and a network that are simulated: senders of TCP that know congestion and
 * loss, a shaper between them and the wire, and a second machine that acknowledges.
 */
#include "limits_rig.h"
#include "tcp_model.h"

/* Enough of the largest packets that one more or less makes no difference; with small ones, losses weigh for longer. */
static ULONGLONG time_for(ULONG64 rate, ULONG large)
{
	ULONGLONG low = large > 1 ? 20 : 60;
	ULONGLONG least = rate < 1000000 ? low : rate < 10000000 ? 10 : rate < 100000000 ? 3 : 1;
	ULONGLONG packets = 46ull * large * 1460 / rate;

	return packets > least ? packets : least;
}

/* Within `permille` of the limit, after a second; in order, and whole. */
static void keeps_limit(BOOLEAN is_download, ULONG large, ULONG64 rate, int flows, int permille)
{
	struct tcp_model model;
	ULONGLONG seconds = time_for(rate, large);
	ULONG64 before, reached;

	limits_start();
	limits_set(100, is_download ? 0 : rate, is_download ? rate : 0);
	tcp_model_start(&model, 100, flows, is_download);
	model.large = large;
	tcp_model_run(&model, SECOND);
	before = model.delivered;
	tcp_model_run(&model, seconds * SECOND);
	reached = (model.delivered - before) / seconds;
	if (reached * 1000 > rate * (ULONG64)(1000 + permille) || reached * 1000 < rate * (ULONG64)(1000 - permille))
		test_fail(__FILE__, __LINE__, "%d flows reached %.4f of %llu, with %u timeouts", flows,
			  (double)reached / (double)rate, (unsigned long long)rate, model.timeouts);
	CHECK_EQUAL(0, model.overtaken);
	tcp_model_finish(&model);
	CHECK_EQUAL(model.sent, model.delivered);
	limits_stop();
}

static void limits_uploads(void)
{
	keeps_limit(FALSE, 1, 100000, 8, 10);
	keeps_limit(FALSE, 1, 1000000, 1, 10);
	keeps_limit(FALSE, 1, 1000000, 8, 10);
	keeps_limit(FALSE, 1, 10000000, 8, 10);
}

static void limits_downloads(void)
{
	keeps_limit(TRUE, 1, 100000, 8, 20);
	keeps_limit(TRUE, 1, 1000000, 1, 10);
	keeps_limit(TRUE, 1, 1000000, 8, 10);
	keeps_limit(TRUE, 1, 10000000, 8, 10);
}

/* Uploads as TCP hands them to an adapter that divides them; downloads as another one has coalesced them. */
static void limits_large_segments(void)
{
	keeps_limit(FALSE, 44, 50000, 1, 20);
	keeps_limit(FALSE, 44, 200000, 8, 20);
	keeps_limit(FALSE, 44, 1000000, 1, 20);
	keeps_limit(FALSE, 44, 10000000, 8, 20);
	keeps_limit(FALSE, 44, 100000000, 8, 20);
	keeps_limit(TRUE, 44, 200000, 8, 20);
	keeps_limit(TRUE, 44, 100000000, 8, 20);
}

static void is_fair(void)
{
	struct tcp_model model;
	double sum = 0, squares = 0;

	limits_start();
	limits_set(100, 1000000, 0);
	tcp_model_start(&model, 100, 8, FALSE);
	tcp_model_run(&model, 20 * SECOND);
	for (int index = 0; index < 8; index++) {
		sum += (double)model.flow[index].delivered;
		squares += (double)model.flow[index].delivered * (double)model.flow[index].delivered;
	}
	if (sum * sum / 8 / squares < 0.95)
		test_fail(__FILE__, __LINE__, "Jain's index is %.3f", sum * sum / 8 / squares);
	tcp_model_finish(&model);
	limits_stop();
}

static void changes_at_once(void)
{
	static const ULONG64 rates[] = {1000000, 200000, 5000000, 0, 1000000};
	struct tcp_model model;

	limits_start();
	tcp_model_start(&model, 100, 4, FALSE);
	tcp_model_run(&model, SECOND);
	for (ULONG index = 0; index < COUNT(rates); index++) {
		ULONG64 before, reached;

		limits_set(100, rates[index], 0);
		tcp_model_run(&model, SECOND / 2);
		before = model.delivered;
		tcp_model_run(&model, 2 * SECOND);
		reached = (model.delivered - before) / 2; /* less than the limit where many are lost and sent again */
		if (rates[index] ? reached > rates[index] * 103 / 100 || reached < rates[index] * 80 / 100
				 : reached < 6000000) /* its window has yet to grow */
			test_fail(__FILE__, __LINE__, "%llu after %llu was set", (unsigned long long)reached,
				  (unsigned long long)rates[index]);
	}
	tcp_model_finish(&model);
	limits_stop();
}

static void keeps_others_free(void)
{
	struct tcp_model limited, other;

	limits_start();
	limits_set(100, 100000, 100000);
	tcp_model_start(&limited, 100, 1, FALSE);
	tcp_model_start(&other, 104, 1, FALSE);
	for (int step = 0; step < 2000; step++) {
		tcp_model_run(&other, SECOND / 1000);
		tcp_model_run(&limited, 0);
	}
	CHECK(other.delivered > 20000000);
	tcp_model_finish(&other);
	tcp_model_finish(&limited);
	limits_stop();
}

static void shares_one_limit(void)
{
	struct tcp_model models[2];
	ULONG64 before;
	ULONG64 reached;

	limits_start();
	nt_process_exit(104);
	nt_process_start(104, 4, 134116128000000000 + 104 * 10000000ll, rig_path(100), NULL);
	limits_set_path(NETFLOW_IOCTL_SET_RULE, 100, 1000000, NETFLOW_RULE_SHARED);
	tcp_model_start(&models[0], 100, 2, FALSE);
	tcp_model_start_as(&models[1], 104, rig_path(100), 2, FALSE);
	for (int step = 0; step < 2000; step++) {
		tcp_model_run(&models[0], SECOND / 1000);
		tcp_model_run(&models[1], 0);
	}
	before = models[0].delivered + models[1].delivered;
	for (int step = 0; step < 5000; step++) {
		tcp_model_run(&models[0], SECOND / 1000);
		tcp_model_run(&models[1], 0);
	}
	reached = (models[0].delivered + models[1].delivered - before) / 5;
	CHECK(reached > 980000 && reached < 1010000);
	tcp_model_finish(&models[0]);
	tcp_model_finish(&models[1]);
	limits_stop();
}

static const struct test tests[] = {
	{"uploads are within one per cent of the limit", limits_uploads},
	{"downloads are as well, of eight flows at 100 KB/s within two", limits_downloads},
	{"packets of 64 KB are within two per cent, from 50 KB/s to 100 MB/s", limits_large_segments},
	{"eight flows have fair shares", is_fair},
	{"a limit that is set, lowered, raised, removed and set again is kept within half a second", changes_at_once},
	{"other processes are not limited", keeps_others_free},
	{"processes of a shared rule have one limit together", shares_one_limit},
};

TEST_MAIN(tests)
