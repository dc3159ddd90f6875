using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;

namespace NetFlow
{
    /// <summary>Resolves paths that are written relative to a shell's location and with its drives.</summary>
    public static class ShellPath
    {
        private static readonly bool IsWindows = Path.DirectorySeparatorChar == '\\';

        /// <summary>Returns a file's full path, whether or not it exists; null if the path is invalid, which is then an error of the cmdlet.</summary>
        /// <param name="cmdlet">$PSCmdlet of the function.</param>
        /// <param name="path">A path without wildcards.</param>
        public static string? Find(PSCmdlet cmdlet, string path) => OrError(cmdlet, () => Literal(cmdlet, path));

        /// <summary>
        /// Returns the full path of an existing file; null if there is none, which is then an error of the cmdlet.
        /// </summary>
        /// <param name="cmdlet">$PSCmdlet of the function.</param>
        /// <param name="path">A path without wildcards.</param>
        public static string? FindFile(PSCmdlet cmdlet, string path) => OrError(cmdlet, () =>
        {
            var file = Literal(cmdlet, path);
            return File.Exists(file) ? file : throw new NetFlowException("NOT_FOUND", $"There is no file {file}.", path);
        });

        /// <summary>Returns a file's full path, whether or not it exists; throws INVALID_ARGUMENT or NOT_FOUND.</summary>
        internal static string Literal(PSCmdlet cmdlet, string path) => Resolve(path, () =>
        {
            var found = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            return (new[] { found }, provider);
        })[0];

        /// <summary>Returns the files that a path with wildcards matches.</summary>
        internal static IEnumerable<string> Files(PSCmdlet cmdlet, string pattern) => Resolve(pattern, () =>
        {
            var found = cmdlet.SessionState.Path.GetResolvedProviderPathFromPSPath(pattern, out var provider);
            return (found.ToArray(), provider);
        }).Where(File.Exists);

        /// <summary>Returns a pattern for full paths, of existing files or not. One that begins with * may begin anywhere.</summary>
        internal static WildcardPattern Pattern(PSCmdlet cmdlet, string pattern)
        {
            var options = IsWindows ? WildcardOptions.IgnoreCase : WildcardOptions.None;
            if (pattern.StartsWith("*", StringComparison.Ordinal)) return new WildcardPattern(pattern, options);
            var firstWildcard = Enumerable.Range(0, pattern.Length).First(length => WildcardPattern.ContainsWildcardCharacters(pattern.Substring(0, length + 1)));
            var rest = pattern.LastIndexOfAny(new[] { '/', Path.DirectorySeparatorChar }, firstWildcard) + 1;
            var folder = rest == 0 ? "." : WildcardPattern.Unescape(pattern.Substring(0, rest));
            var full = WildcardPattern.Escape(Literal(cmdlet, folder).TrimEnd('/', Path.DirectorySeparatorChar));
            return new WildcardPattern(full + Path.DirectorySeparatorChar + pattern.Substring(rest), options);
        }

        /// <summary>Compares paths as the file system does.</summary>
        internal static bool AreEqual(string? one, string? other) =>
            string.Equals(one, other, IsWindows ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

        private static string? OrError(PSCmdlet cmdlet, Func<string> find)
        {
            try
            {
                return find();
            }
            catch (NetFlowException error)
            {
                cmdlet.WriteError(error.ErrorRecord);
                return null;
            }
        }

        private static string[] Resolve(string path, Func<(string[] Found, ProviderInfo Provider)> resolve)
        {
            try
            {
                var (found, provider) = resolve();
                if (provider.Name == "FileSystem") return found;
                throw new NetFlowException("INVALID_ARGUMENT", $"{path} is not a file: the drive belongs to {provider.Name}.", path);
            }
            catch (Exception error) when (error is ItemNotFoundException || error is System.Management.Automation.DriveNotFoundException || error is ProviderNotFoundException)
            {
                throw new NetFlowException("NOT_FOUND", error.Message, path, error);
            }
            catch (Exception error) when (error is RuntimeException || error is ArgumentException || error is NotSupportedException || error is InvalidOperationException)
            {
                throw new NetFlowException("INVALID_ARGUMENT", $"Invalid path {path}: {error.Message}", path, error);
            }
        }
    }
}
