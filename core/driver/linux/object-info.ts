import { closeSync } from 'node:fs';
import { failWith, loadLibbpf } from './libbpf.js';

/** Where fields stand in struct bpf_prog_info and struct bpf_link_info, linux/bpf.h. */
const programInfo = { type: 0, id: 4, name: 64, size: 80 } as const;
const linkInfo = { device: 16, size: 24 } as const;
const nameBytes = 16;

/** The kernel's number of a program. */
export function objectId(program: number): number {
  return info(program, programInfo.size).readUInt32LE(programInfo.id);
}

/** The number of the interface that a link of a program is on; 0 where that has gone. */
export function attachedDevice(link: number): number {
  return info(link, linkInfo.size).readUInt32LE(linkInfo.device);
}

export interface LoadedProgram {
  /** Of enum bpf_prog_type. */
  type: number;
  /** Cut to 15 bytes. */
  name: string;
}

/** All programs that the kernel has. */
export function loadedPrograms(): LoadedProgram[] {
  const libbpf = loadLibbpf();
  const programs: LoadedProgram[] = [];
  const id = Buffer.alloc(4);
  while (libbpf.nextProgram(id.readUInt32LE(), id) === 0) {
    const program = libbpf.openProgram(id.readUInt32LE());
    if (program < 0) continue; // it has just gone
    try {
      const all = info(program, programInfo.size);
      const [name = ''] = all.toString('latin1', programInfo.name, programInfo.name + nameBytes).split('\0', 1);
      programs.push({ type: all.readUInt32LE(programInfo.type), name });
    } finally {
      closeSync(program);
    }
  }
  return programs;
}

function info(fd: number, size: number): Buffer {
  const libbpf = loadLibbpf();
  const bytes = Buffer.alloc(size);
  const length = Buffer.from(Uint32Array.of(size).buffer);
  if (libbpf.info(fd, bytes, length) !== 0) failWith(libbpf, "A part of the driver can't be looked at");
  return bytes;
}
