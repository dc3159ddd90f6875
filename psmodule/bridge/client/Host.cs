using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;

namespace NetFlow
{
    /// <summary>The Node.js process that serves this shell. It ends with its standard input, so never later than the shell.</summary>
    internal sealed class Host
    {
        private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);

        /// <summary>Is removed, since Node.js would read these certificates first; the host never uses TLS.</summary>
        private const string ExtraCertificates = "NODE_EXTRA_CA_CERTS";

        private readonly ConcurrentBag<Connection> idle = new ConcurrentBag<Connection>();
        private readonly object gate = new object();
        private readonly Process process;
        private readonly string pipe;
        private readonly Task ready;
        private volatile string? complaint;
        private int calls;
        private bool retired;

        private Host(Process process, string pipe)
        {
            this.process = process;
            this.pipe = pipe;
            process.EnableRaisingEvents = true;
            process.Exited += (sender, arguments) => RemovePipe();
            process.ErrorDataReceived += (sender, line) => complaint = string.IsNullOrWhiteSpace(line.Data) ? complaint : complaint ?? line.Data;
            process.BeginErrorReadLine();
            ready = BecomeReady();
        }

        public int ProcessId => process.Id;

        public bool HasExited => process.HasExited;

        /// <summary>Starts a host; throws HOST_NOT_STARTED.</summary>
        public static Host Start(string moduleRoot)
        {
            var node = NodeProgram.Find(moduleRoot);
            var script = Path.Combine(moduleRoot, "psmodule", "bridge", "start.js");
            var pipe = PipeName();
            var start = new ProcessStartInfo(node, Quote(script) + " " + Quote(pipe))
            {
                UseShellExecute = false,
                CreateNoWindow = true,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment.Remove(ExtraCertificates);
            try
            {
                return new Host(Process.Start(start)!, pipe);
            }
            catch (Exception error) when (error is System.ComponentModel.Win32Exception || error is InvalidOperationException)
            {
                throw new NetFlowException(
                    NetFlowException.HostNotStarted, $"The module's host can't be started with {node}: {error.Message}", inner: error);
            }
        }

        /// <summary>Returns false if the host accepts no more calls. The caller ends each call that it began.</summary>
        public bool BeginCall()
        {
            lock (gate)
            {
                if (retired || HasExited) return false;
                calls++;
                return true;
            }
        }

        public void EndCall()
        {
            lock (gate)
            {
                calls--;
                EndWhereIdle();
            }
        }

        /// <summary>Ends the host after the calls that are under way.</summary>
        public void Retire()
        {
            lock (gate)
            {
                retired = true;
                EndWhereIdle();
            }
        }

        /// <summary>Returns a connection for a call; throws HOST_NOT_STARTED or HOST_GONE.</summary>
        public async Task<Connection> Rent()
        {
            await ready.ConfigureAwait(false);
            if (idle.TryTake(out var connection)) return connection;
            try
            {
                return await Connection.Open(pipe).ConfigureAwait(false);
            }
            catch (Exception error) when (error is IOException || error is TimeoutException || error is UnauthorizedAccessException)
            {
                Kill(); // an unreachable host is of no use to later calls
                throw Gone(error);
            }
        }

        public void GiveBack(Connection connection) => idle.Add(connection);

        /// <summary>Returns the error for a call during which the host exited.</summary>
        public NetFlowException Gone(Exception error)
        {
            var how = process.WaitForExit(1000) ? $" (exit code {process.ExitCode})" : string.Empty;
            return new NetFlowException(
                NetFlowException.HostGone, $"The module's host ended during the call{how}: run the command again, to start a new host.", inner: error);
        }

        private async Task BecomeReady()
        {
            var line = process.StandardOutput.ReadLineAsync();
            if (await Task.WhenAny(line, Task.Delay(StartPatience)).ConfigureAwait(false) != line)
            {
                Kill();
                throw NotReady($"was not ready after {StartPatience.TotalSeconds:0} s");
            }
            if (await line.ConfigureAwait(false) != null) return;
            process.WaitForExit();
            throw NotReady($"ended before it was ready (exit code {process.ExitCode})");
        }

        private NetFlowException NotReady(string what)
        {
            var why = complaint == null ? string.Empty : ": " + complaint;
            return new NetFlowException(NetFlowException.HostNotStarted, $"The module's host {what}{why}");
        }

        private void EndWhereIdle()
        {
            if (!retired || calls > 0) return;
            process.StandardInput.Dispose();
            while (idle.TryTake(out var connection)) connection.Dispose();
        }

        private void Kill()
        {
            try
            {
                process.Kill();
            }
            catch (Exception error) when (error is InvalidOperationException || error is System.ComponentModel.Win32Exception)
            {
                // It has exited by itself.
            }
        }

        // Removes the pipe of a host that was killed, which on Unix is a file.
        private void RemovePipe()
        {
            if (Path.DirectorySeparatorChar == '/') File.Delete(pipe);
        }

        // Returns a name that can't be guessed; on Unix a path, so that both ends know which file to remove.
        private static string PipeName()
        {
            var random = new byte[16];
            using (var generator = RandomNumberGenerator.Create()) generator.GetBytes(random);
            var name = "NetFlow-" + BitConverter.ToString(random).Replace("-", string.Empty);
            return Path.DirectorySeparatorChar == '/' ? Path.Combine(Path.GetTempPath(), name) : name;
        }

        // Process parses its arguments from one string, and a path may have spaces, and on Unix quotes.
        private static string Quote(string path) => "\"" + path.Replace("\"", "\\\"") + "\"";
    }
}
