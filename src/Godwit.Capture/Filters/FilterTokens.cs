// The words of a filter, each with its place.
using System.Text;

namespace Godwit.Capture.Filters;

internal enum TokenKind : byte { Word, Text, Symbol, End }

/// <param name="Kind">What it is.</param>
/// <param name="Value">What stands there; of a text what it means.</param>
/// <param name="Column">Its first character, from 1 on.</param>
internal readonly record struct FilterToken(TokenKind Kind, string Value, int Column);

internal static class FilterTokens
{
    private static readonly string[] Symbols = ["&&", "||", "==", "!=", ">=", "<=", "=~", "(", ")", "{", "}", ",", ">", "<", "!", "=", "~"];

    public static List<FilterToken> Split(string text)
    {
        var tokens = new List<FilterToken>();
        for (int i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }
            int start = i;
            if (text[i] is '"' or '\'') tokens.Add(new FilterToken(TokenKind.Text, Quoted(text, ref i), start + 1));
            else if (Array.Find(Symbols, symbol => string.CompareOrdinal(text, start, symbol, 0, symbol.Length) == 0) is { } found)
            {
                tokens.Add(new FilterToken(TokenKind.Symbol, found, start + 1));
                i += found.Length;
            }
            else
            {
                while (i < text.Length && IsOfWord(text[i])) i++;
                if (i == start) throw new FilterException(start + 1, $"'{text[start]}' has no meaning here. Texts stand in quotation marks: topic == \"a/b\".");
                tokens.Add(new FilterToken(TokenKind.Word, text[start..i], start + 1));
            }
        }
        tokens.Add(new FilterToken(TokenKind.End, "", text.Length + 1));
        return tokens;
    }

    private static bool IsOfWord(char c) => char.IsLetterOrDigit(c) || c is '.' or '_' or '-' or ':' or '/' or '+' or '#' or '$' or '*';

    private static string Quoted(string text, ref int i)
    {
        int start = i;
        char mark = text[i++];
        var value = new StringBuilder();
        for (; i < text.Length && text[i] != mark; i++)
        {
            // A backslash takes the mark or itself; everything else is the regular expression's.
            if (text[i] == '\\' && i + 1 < text.Length && (text[i + 1] == mark || text[i + 1] == '\\')) i++;
            value.Append(text[i]);
        }
        if (i == text.Length) throw new FilterException(start + 1, $"The text that begins here does not end: {mark} is missing.");
        i++;
        return value.ToString();
    }
}
