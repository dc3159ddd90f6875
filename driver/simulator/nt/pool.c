/* SPDX-License-Identifier: MIT */
/* The non-paged pool: every block with its tag, counted. */
#include <stdio.h>
#include <stdlib.h>

#include "nt_test.h"

struct block {
	ULONG tag;
	ULONG magic;
};

#define ALIVE 0x4c495645u
#define DEAD 0x44454144u
#define MOST_TAGS 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	ULONG tag;
	ULONG blocks;
} tags[MOST_TAGS];
static ULONG fail_after;
static ULONG fail_one_in;
static ULONG fail_state;

static int index_of(ULONG tag)
{
	for (int index = 0; index < MOST_TAGS; index++) {
		if (tags[index].tag == tag || !tags[index].tag) {
			tags[index].tag = tag;
			return index;
		}
	}
	nt_fail("more than %d pool tags", MOST_TAGS);
}

#define TAG_MDL 'dMFN'
#define TAG_OF_THE_ENGINE 'nEFN' /* the simulated WFP engine, which has all the memory it wants */

static BOOLEAN is_the_systems(ULONG tag)
{
	return tag == TAG_OF_THE_ENGINE || tag == TAG_MDL;
}

static BOOLEAN fails(ULONG tag)
{
	if (tag == TAG_OF_THE_ENGINE)
		return FALSE;
	if (fail_after && --fail_after == 0)
		return TRUE;
	if (!fail_one_in)
		return FALSE;
	fail_state = fail_state * 1664525u + 1013904223u;
	return (fail_state >> 8) % fail_one_in == 0;
}

PVOID ExAllocatePoolWithTag(POOL_TYPE type, SIZE_T bytes, ULONG tag)
{
	struct block *block = NULL;

	nt_assert_irql(DISPATCH_LEVEL, __func__);
	if (type != NonPagedPool && type != NonPagedPoolNx)
		nt_fail("an allocation from pool %d", type);
	if (type == NonPagedPoolNx && nt_build < NT_WINDOWS_8)
		nt_fail("an allocation from a pool that this Windows does not have");
	if (type == NonPagedPool && nt_build >= NT_WINDOWS_8 && !is_the_systems(tag))
		nt_fail("an allocation of memory that can be executed");
	pthread_mutex_lock(&lock);
	if (!fails(tag))
		block = malloc(sizeof(*block) + bytes);
	if (block) {
		*block = (struct block){tag, ALIVE};
		memset(block + 1, 0xa5, bytes);
		tags[index_of(tag)].blocks++;
	}
	pthread_mutex_unlock(&lock);
	return block ? block + 1 : NULL;
}

VOID ExFreePoolWithTag(PVOID memory, ULONG tag)
{
	struct block *block = (struct block *)memory - 1;

	nt_assert_irql(DISPATCH_LEVEL, __func__);
	if (!memory)
		nt_fail("NULL is freed");
	if (block->magic != ALIVE)
		nt_fail("a block of memory is freed twice, or is none");
	if (block->tag != tag)
		nt_fail("a block with tag %x is freed with tag %x", block->tag, tag);
	pthread_mutex_lock(&lock);
	tags[index_of(tag)].blocks--;
	block->magic = DEAD;
	pthread_mutex_unlock(&lock);
	free(block);
}

void nt_pool_assert_empty(void)
{
	for (int index = 0; index < MOST_TAGS; index++) {
		ULONG tag = tags[index].tag;

		if (tags[index].blocks)
			nt_fail("%u blocks with tag %c%c%c%c were not freed", tags[index].blocks, tag & 255,
				tag >> 8 & 255, tag >> 16 & 255, tag >> 24);
	}
}

void nt_pool_fail_after(ULONG count)
{
	pthread_mutex_lock(&lock);
	fail_after = count;
	pthread_mutex_unlock(&lock);
}

void nt_pool_fail_randomly(ULONG one_in, ULONG seed)
{
	pthread_mutex_lock(&lock);
	fail_one_in = one_in;
	fail_state = seed;
	pthread_mutex_unlock(&lock);
}

/* ---- what describes it ---- */

MDL *IoAllocateMdl(PVOID memory, ULONG bytes, BOOLEAN secondary, BOOLEAN charge_quota, IRP *irp)
{
	MDL *mdl = ExAllocatePoolWithTag(NonPagedPool, sizeof(*mdl), TAG_MDL);

	if (secondary || charge_quota || irp)
		nt_fail("an MDL that the simulation does not know");
	if (mdl)
		*mdl = (MDL){.StartVa = memory, .ByteCount = bytes};
	return mdl;
}

VOID MmBuildMdlForNonPagedPool(MDL *mdl)
{
	nt_assert_irql(DISPATCH_LEVEL, __func__);
	mdl->MappedSystemVa = mdl->StartVa;
}

VOID IoFreeMdl(MDL *mdl)
{
	ExFreePoolWithTag(mdl, TAG_MDL);
}
