/* SPDX-License-Identifier: MIT */
/* The session that a request comes with. */
#include "internal.h"

struct sim_session *sim_session_of(HANDLE handle)
{
	struct sim_session *session = handle;

	ENGINE_ASSERT(session && session->magic == SESSION_MAGIC, "a session that is closed, or none");
	return session;
}

NTSTATUS sim_session_check(const struct sim_session *session)
{
	if (engine.service != FWPM_SERVICE_RUNNING || session->is_dead)
		return STATUS_FWP_SESSION_ABORTED;
	return engine.writer && engine.writer != session ? STATUS_FWP_TIMEOUT : STATUS_SUCCESS;
}
