// edge-js can also compile C# that is given as text, and look up assemblies in the manifests of NuGet packages. The
// bridge gives it one assembly by its path. So what those two are done with is left out: it would cost two packages
// and a third of edge-js's start, and would look into the NuGet folder of whoever runs it for code to load.
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
