// Lists the needs of the build and the tests, with the package for each in every package manager. A `program` is searched
// in PATH, a `header` under /usr/include, a `library` where the dynamic linker looks, and a `runtime` among clang's files.
// A package with a service names it, so that installing it for a test doesn't leave a server running. The packages were
// tried with apt-get on Debian 12, and not with the others. Null means that the system has no such package.

export const buildNeeds = [
  need({ program: 'clang' }, 'clang', 'clang', 'clang', 'clang', 'clang'),
  need({ program: 'llvm-strip' }, 'llvm', 'llvm', 'llvm', 'llvm', 'llvm'),
  need({ header: 'bpf/bpf_helpers.h' }, 'libbpf-dev', 'libbpf-devel', 'libbpf', 'libbpf-devel', 'libbpf-dev'),
  need(
    { header: 'linux/bpf.h' },
    'linux-libc-dev',
    'kernel-headers',
    'linux-api-headers',
    'linux-glibc-devel',
    'linux-headers',
  ),
  need({ library: 'libbpf.so.1' }, 'libbpf1', 'libbpf', 'libbpf', 'libbpf1', 'libbpf'),
];

// edge-js compiles its native part.
export const moduleNeeds = [
  need({ program: 'python3' }, 'python3', 'python3', 'python', 'python3', 'python3'),
  need({ program: 'make' }, 'make', 'make', 'make', 'make', 'make'),
  need({ program: 'g++' }, 'g++', 'gcc-c++', 'gcc', 'gcc-c++', 'g++'),
];

export const lintNeeds = [
  need({ program: 'clang-format' }, 'clang-format', 'clang-tools-extra', 'clang', 'clang-tools', 'clang-extra-tools'),
];

const compiler = [
  need({ program: 'gcc' }, 'gcc', 'gcc', 'gcc', 'gcc', 'gcc'),
  need({ header: 'stdio.h' }, 'libc6-dev', 'glibc-devel', 'glibc', 'glibc-devel', 'musl-dev'),
];

// The sanitizers' and the fuzzer's part of clang.
export const driverTestNeeds = [
  need(
    { runtime: 'libclang_rt.asan-x86_64.a' },
    'libclang-rt-dev',
    'compiler-rt',
    'compiler-rt',
    'clang',
    'compiler-rt',
  ),
];

// Windows' programs on this machine, and a compiler for its drivers.
export const windowsTestNeeds = [
  need({ program: 'wine' }, 'wine', 'wine-core', 'wine', 'wine', 'wine'),
  need({ program: 'wineserver' }, 'wine64', 'wine-core', 'wine', 'wine', 'wine'),
  need(
    { program: 'x86_64-w64-mingw32-gcc' },
    'mingw-w64',
    'mingw64-gcc',
    'mingw-w64-gcc',
    'mingw64-cross-gcc',
    'mingw-w64-gcc',
  ),
  need(
    { program: 'i686-w64-mingw32-gcc' },
    'mingw-w64',
    'mingw32-gcc',
    'mingw-w64-gcc',
    'mingw32-cross-gcc',
    'i686-mingw-w64-gcc',
  ),
  need({ program: 'openssl' }, 'openssl', 'openssl', 'openssl', 'openssl', 'openssl'),
  need({ program: 'osslsigncode' }, 'osslsigncode', 'osslsigncode', null, 'osslsigncode', 'osslsigncode'),
];

export const systemNeeds = [
  ...compiler,
  need({ program: 'bpftool' }, 'bpftool', 'bpftool', 'bpf', 'bpftool', 'bpftool'),
  need({ program: 'curl' }, 'curl', 'curl', 'curl', 'curl', 'curl'),
  need({ program: 'dig' }, 'bind9-dnsutils', 'bind-utils', 'bind', 'bind-utils', 'bind-tools'),
  need({ program: 'dnsmasq' }, 'dnsmasq-base', 'dnsmasq', 'dnsmasq', 'dnsmasq', 'dnsmasq'),
  need({ program: 'ip' }, 'iproute2', 'iproute', 'iproute2', 'iproute2', 'iproute2'),
  need({ program: 'iperf3' }, 'iperf3', 'iperf3', 'iperf3', 'iperf', 'iperf3'),
  need({ program: 'jq' }, 'jq', 'jq', 'jq', 'jq', 'jq'),
  need({ program: 'mptcpize' }, 'mptcpize', 'mptcpd', 'mptcpd', 'mptcpd', 'mptcpd'),
  need({ program: 'nft' }, 'nftables', 'nftables', 'nftables', 'nftables', 'nftables'),
  need({ program: 'nginx', service: 'nginx' }, 'nginx-light', 'nginx', 'nginx', 'nginx', 'nginx'),
  need({ program: 'rsync' }, 'rsync', 'rsync', 'rsync', 'rsync', 'rsync'),
  need({ program: 'script' }, 'bsdutils', 'util-linux', 'util-linux', 'util-linux', 'util-linux-misc'),
  need({ program: 'setpriv' }, 'util-linux', 'util-linux', 'util-linux', 'util-linux', 'setpriv'),
  need({ program: 'ssh' }, 'openssh-client', 'openssh-clients', 'openssh', 'openssh-clients', 'openssh-client'),
  need({ program: 'sshd', service: 'ssh' }, 'openssh-server', 'openssh-server', 'openssh', 'openssh-server', 'openssh'),
  need({ program: 'strace' }, 'strace', 'strace', 'strace', 'strace', 'strace'),
  need({ program: 'tmux' }, 'tmux', 'tmux', 'tmux', 'tmux', 'tmux'),
];

// The protocol is tried as a 32-bit driver has it, too.
export const unitNeeds = [
  ...compiler,
  need({ header: 'gnu/stubs-32.h' }, 'gcc-multilib', 'glibc-devel.i686', 'lib32-glibc', 'glibc-devel-32bit', null),
  need({ program: 'qemu-i386' }, 'qemu-user', 'qemu-user', 'qemu-user', 'qemu-linux-user', 'qemu-i386'),
  need({ program: 'zsh' }, 'zsh', 'zsh', 'zsh', 'zsh', 'zsh'),
  need({ program: 'fish' }, 'fish', 'fish', 'fish', 'fish', 'fish'),
  ...systemNeeds.filter(({ program }) => ['script', 'tmux'].includes(program)),
];

// Kernels in machines of their own, which are made of these.
export const kernelTestNeeds = [
  ...compiler,
  ...systemNeeds.filter(({ program }) => ['bpftool', 'ip'].includes(program)),
  need({ program: 'qemu-system-x86_64' }, 'qemu-system-x86', 'qemu-system-x86', 'qemu-system-x86', 'qemu-x86', null),
  need({ program: 'busybox' }, 'busybox-static', 'busybox', 'busybox', 'busybox-static', 'busybox-static'),
  need({ program: 'wg' }, 'wireguard-tools', 'wireguard-tools', 'wireguard-tools', 'wireguard-tools', null),
  need({ program: 'xz' }, 'xz-utils', 'xz', 'xz', 'xz', 'xz'),
];

export const moduleTestNeeds = systemNeeds.filter(({ program }) => ['curl', 'setpriv', 'tmux'].includes(program));

/** How each package manager is asked to install; `refresh` fetches its list of packages first. */
export const packageManagers = {
  apt: {
    program: 'apt-get',
    refresh: ['update', '-q'],
    install: ['install', '-q', '-y', '--no-install-recommends'],
  },
  dnf: { program: 'dnf', install: ['install', '-y'] },
  pacman: { program: 'pacman', install: ['-S', '--needed', '--noconfirm'] },
  zypper: { program: 'zypper', install: ['--non-interactive', 'install'] },
  apk: { program: 'apk', install: ['add'] },
};

function need(what, apt, dnf, pacman, zypper, apk) {
  return { ...what, packages: { apt, dnf, pacman, zypper, apk } };
}
