// C# enumerations of what a PowerShell shell and its host send each other.

/** Returns a file with the requests and the replies. */
export function messagesSource({ requests, replies }, origin) {
  return `// ${origin}
namespace NetFlow
{
${enumLines('Request', requests)}

${enumLines('Reply', replies)}
}
`;
}

function enumLines(name, numbers) {
  const members = Object.entries(numbers).map(([key, number]) => `        ${capitalized(key)} = ${number},\n`);
  return `    internal enum ${name} : byte\n    {\n${members.join('')}    }`;
}

function capitalized(name) {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
