// Replaces two parts of edge-js that the bridge doesn't use, since it names one assembly by its path: the compiler for
// C# that is given as text, and the search for assemblies in the manifests of NuGet packages. They would need two
// packages and a third of edge-js's start, and would look for code to load in the user's NuGet folder.
using System;
using System.Collections.Generic;
using System.IO;

namespace Microsoft.CodeAnalysis.CSharp.Syntax
{
    internal static class NoCompiler { }
}

namespace Microsoft.Extensions.DependencyModel
{
    /// <summary>A manifest that names nothing.</summary>
    internal sealed class DependencyContext
    {
        public static DependencyContext Default => null;

        public (string Framework, string Runtime) Target => (string.Empty, string.Empty);

        public IReadOnlyList<CompilationLibrary> CompileLibraries => Array.Empty<CompilationLibrary>();

        public IReadOnlyList<RuntimeLibrary> RuntimeLibraries => Array.Empty<RuntimeLibrary>();

        public DependencyContext Merge(DependencyContext other) => this;
    }

    internal sealed class DependencyContextJsonReader
    {
        public DependencyContext Read(Stream manifest) => new DependencyContext();
    }

    internal abstract class Library
    {
        public string Name => string.Empty;

        public string Type => string.Empty;

        public string Version => string.Empty;
    }

    internal sealed class CompilationLibrary : Library
    {
        public IReadOnlyList<string> Assemblies => Array.Empty<string>();
    }

    internal sealed class RuntimeLibrary : Library
    {
        public IReadOnlyList<string> RuntimeAssemblyGroups => Array.Empty<string>();
    }

    internal static class Assets
    {
        public static IEnumerable<string> GetRuntimeAssets(this IReadOnlyList<string> groups, string runtime) => groups;

        public static IEnumerable<string> GetDefaultAssets(this IReadOnlyList<string> groups) => groups;

        public static IEnumerable<string> GetRuntimeNativeAssets(this RuntimeLibrary library, DependencyContext context, string runtime) =>
            Array.Empty<string>();
    }
}
