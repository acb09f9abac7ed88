// Completion scripts: verbs first, then the verb's options, words behind an option that takes one of some, files behind -f.
using System.CommandLine;
using System.CommandLine.Completions;
using System.Text;
using Godwit.Cli.Verbs;

namespace Godwit.Cli.CommandLine;

internal static class CompletionScripts
{
    public static string Bash()
    {
        var verbs = new StringBuilder();
        foreach (Verb verb in Verbs())
        {
            verbs.Append($"        {verb.Name})\n");
            verbs.Append("            case $previous in\n");
            foreach ((string names, string words) in Choices(verb, "|")) verbs.Append($"                {names}) words='{words}' ;;\n");
            foreach (string names in Files(verb, "|")) verbs.Append($"                {names}) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n");
            if (Values(verb, "|") is { Length: > 0 } values) verbs.Append($"                {values}) return ;;\n");
            verbs.Append($"                *) words='{string.Join(' ', Names(verb))}' ;;\n");
            verbs.Append("            esac ;;\n");
        }
        return $$"""
            # bash completion for godwit
            _godwit() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=''
                COMPREPLY=()
                if [ "$COMP_CWORD" -eq 1 ]; then
                    COMPREPLY=($(compgen -W '{{string.Join(' ', VerbTable.All.Select(v => v.Name))}} --help --version' -- "$current"))
                    return
                fi
                case ${COMP_WORDS[1]} in
            {{verbs.ToString().TrimEnd('\n')}}
                esac
                COMPREPLY=($(compgen -W "$words" -- "$current"))
            }
            complete -F _godwit godwit

            """;
    }

    public static string Zsh()
    {
        var verbs = new StringBuilder();
        foreach (Verb verb in Verbs())
        {
            verbs.Append($"        {verb.Name})\n            _arguments");
            foreach (Option option in verb.Options)
            {
                foreach (string name in NamesOf(option))
                {
                    string action = option.Arity.MaximumNumberOfValues == 0 ? ""
                        : IsFile(option) ? ":file:_files"
                        : $":{option.HelpName!.Replace(':', ' ')}:({string.Join(' ', WordsOf(option))})";
                    verbs.Append($" \\\n                '*{name}[{Plain(option.Description)}]{action}'");
                }
            }
            if (verb.Words.Count > 0) verbs.Append($" \\\n                '1:word:({string.Join(' ', verb.Words)})'");
            verbs.Append(" ;;\n");
        }
        string list = string.Join('\n', VerbTable.All.Select(v => $"        '{v.Name}:{Plain(v.Summary)}'"));
        return $$"""
            #compdef godwit
            # zsh completion for godwit
            _godwit() {
                local -a verbs
                verbs=(
            {{list}}
                )
                if (( CURRENT == 2 )); then
                    _describe command verbs
                    return
                fi
                local verb=$words[2]
                shift words
                (( CURRENT-- ))
                case $verb in
            {{verbs.ToString().TrimEnd('\n')}}
                esac
            }
            compdef _godwit godwit

            """;
    }

    public static string Fish()
    {
        var text = new StringBuilder("# fish completion for godwit\ncomplete -c godwit -f\n");
        foreach (VerbEntry verb in VerbTable.All)
            text.Append($"complete -c godwit -n __fish_use_subcommand -a {verb.Name} -d '{Plain(verb.Summary)}'\n");
        foreach (Verb verb in Verbs())
        {
            string start = $"complete -c godwit -n '__fish_seen_subcommand_from {verb.Name}'";
            foreach (Option option in verb.Options)
            {
                text.Append(start);
                foreach (string name in NamesOf(option)) text.Append(name.Length == 2 ? $" -s {name[1]}" : $" -l {name[2..]}");
                if (IsFile(option)) text.Append(" -r -F");
                else if (option.Arity.MaximumNumberOfValues > 0) text.Append($" -x -a '{string.Join(' ', WordsOf(option))}'");
                text.Append($" -d '{Plain(option.Description)}'\n");
            }
            if (verb.Words.Count > 0) text.Append($"{start} -a '{string.Join(' ', verb.Words)}'\n");
        }
        return text.ToString();
    }

    private static IEnumerable<Verb> Verbs() => VerbTable.All.Select(entry => entry.Create());

    private static IEnumerable<string> Names(Verb verb) => [.. verb.Words, .. verb.Options.SelectMany(NamesOf), "--help"];

    private static IEnumerable<(string Names, string Words)> Choices(Verb verb, string separator) =>
        from option in verb.Options
        let words = WordsOf(option)
        where words.Count > 0
        select (string.Join(separator, NamesOf(option)), string.Join(' ', words));

    private static IEnumerable<string> Files(Verb verb, string separator) => verb.Options.Where(IsFile).Select(o => string.Join(separator, NamesOf(o)));

    // Options whose value cannot be guessed.
    private static string Values(Verb verb, string separator) => string.Join(separator, verb.Options
        .Where(o => o.Arity.MaximumNumberOfValues > 0 && !IsFile(o) && WordsOf(o).Count == 0).SelectMany(NamesOf));

    private static IEnumerable<string> NamesOf(Option option) => [.. option.Aliases, option.Name];

    private static bool IsFile(Option option) => option.HelpName == "FILE";

    private static List<string> WordsOf(Option option) =>
        [.. option.CompletionSources.SelectMany(source => source(CompletionContext.Empty)).Select(item => item.Label)];

    // Quotes, brackets and colons mean something to the shells.
    private static string Plain(string? text) => (text ?? "").Replace("'", "", StringComparison.Ordinal).Replace('[', '(').Replace(']', ')').Replace(':', ',');
}
