using System.Linq;
using System.Management.Automation;

namespace NetFlow
{
    /// <summary>Writes values as they can stand in a command line.</summary>
    internal static class Completion
    {
        /// <summary>Puts a text in quotation marks where a shell would read it as something else.</summary>
        public static string Quoted(string text) =>
            text.All(character => char.IsLetterOrDigit(character) || "-_./\\:".IndexOf(character) >= 0)
                ? text
                : "'" + text.Replace("'", "''") + "'";

        /// <summary>Writes a path so that a parameter, which may take wildcards, means it.</summary>
        public static string QuotedPath(string path, string parameterName) =>
            Quoted(parameterName == "LiteralPath" ? path : WildcardPattern.Escape(path));

        /// <summary>Returns a value to choose, and what to show for it.</summary>
        public static CompletionResult Result(string text, string shown) =>
            new CompletionResult(text, shown, CompletionResultType.ParameterValue, shown);
    }
}
