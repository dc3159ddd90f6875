using System;
using System.Collections;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NetFlow
{
    /// <summary>Completes paths with the executables that are running, by the beginning of their paths or of their names, and then with files.</summary>
    public sealed class PathCompleter : IArgumentCompleter
    {
        public IEnumerable<CompletionResult> CompleteArgument(
            string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        {
            var word = wordToComplete ?? string.Empty;
            var pattern = new WildcardPattern(word.Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);
            var running = Executables()
                .Where(path => pattern.IsMatch(path) || pattern.IsMatch(Path.GetFileName(path)))
                .OrderBy(path => path, StringComparer.OrdinalIgnoreCase)
                .Select(path => new CompletionResult(Quoted(path, parameterName), path, CompletionResultType.ParameterValue, path))
                .ToArray();
            var texts = new HashSet<string>(running.Select(result => result.CompletionText));
            return running.Concat(CompletionCompleters.CompleteFilename(word).Where(file => texts.Add(file.CompletionText)));
        }

        private static HashSet<string> Executables()
        {
            var paths = new HashSet<string>();
            foreach (var process in Process.GetProcesses())
            {
                using (process)
                {
                    try
                    {
                        if (process.MainModule?.FileName is string path && Path.IsPathRooted(path)) paths.Add(path);
                    }
                    catch (Exception error) when (error is InvalidOperationException || error is Win32Exception || error is NotSupportedException)
                    {
                        // It has exited meanwhile, has no executable, or belongs to the system.
                    }
                }
            }
            return paths;
        }

        private static string Quoted(string path, string parameterName)
        {
            var text = parameterName == "LiteralPath" ? path : WildcardPattern.Escape(path);
            return text.All(character => char.IsLetterOrDigit(character) || "-_./\\:".IndexOf(character) >= 0)
                ? text
                : "'" + text.Replace("'", "''") + "'";
        }
    }
}
