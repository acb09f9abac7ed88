// The grammar, with Wireshark's words beside the symbols:
//
//   or         = and { ("or" | "||") and }
//   and        = not { ("and" | "&&") not }
//   not        = ("not" | "!") not | "(" or ")" | condition
//   condition  = field [ comparison value | "in" "{" value { "," value } "}" ]
//   comparison = "==" "eq" "!=" "ne" ">" "gt" ">=" "ge" "<" "lt" "<=" "le" "contains" "matches" "=~"
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Godwit.Protocol;
using Godwit.Protocol.Topics;

namespace Godwit.Capture.Filters;

internal sealed class FilterParser(string text)
{
    private const int DeepestNesting = 200;

    private static readonly Dictionary<string, Comparison> Comparisons = new()
    {
        ["=="] = Comparison.Equal, ["eq"] = Comparison.Equal, ["="] = Comparison.Equal,
        [">"] = Comparison.Greater, ["gt"] = Comparison.Greater,
        [">="] = Comparison.GreaterOrEqual, ["ge"] = Comparison.GreaterOrEqual,
        ["<"] = Comparison.Less, ["lt"] = Comparison.Less,
        ["<="] = Comparison.LessOrEqual, ["le"] = Comparison.LessOrEqual,
    };

    private readonly List<FilterToken> _tokens = FilterTokens.Split(text);
    private int _next, _depth;

    private FilterToken Next => _tokens[_next];

    public FilterNode Parse()
    {
        if (Next.Kind == TokenKind.End) return new ConstantNode(true);
        FilterNode root = Or();
        if (Next.Kind != TokenKind.End) throw Wrong($"{Shown(Next)} is not expected here. Conditions are joined by and, or.");
        return root;
    }

    private FilterNode Or()
    {
        FilterNode left = And();
        while (TryTake("or", "||")) left = new OrNode(left, And());
        return left;
    }

    private FilterNode And()
    {
        FilterNode left = Not();
        while (TryTake("and", "&&")) left = new AndNode(left, Not());
        return left;
    }

    private FilterNode Not()
    {
        if (++_depth > DeepestNesting) throw Wrong("This is nested too deeply.");
        try
        {
            if (TryTake("not", "!")) return new NotNode(Not());
            if (!TryTake("(")) return Condition();
            FilterNode inner = Or();
            if (!TryTake(")")) throw Wrong("A ) is missing.");
            return inner;
        }
        finally
        {
            _depth--;
        }
    }

    private FilterNode Condition()
    {
        FilterToken name = Next;
        if (name.Kind == TokenKind.End) throw Wrong("A condition is missing, such as qos > 0.");
        if (name.Kind != TokenKind.Word) throw Wrong($"{Shown(name)} is not expected here. A condition begins with a field: topic == \"a/b\".");
        _next++;
        if (name.Value == "mqtt") return new ConstantNode(true); // what Wireshark's users begin with; there is nothing else here
        if (CaptureFields.Find(name.Value) is not { } field)
        {
            string hint = CaptureFields.Nearest(name.Value) is { } nearest ? $"Did you mean {nearest}?" : "docs/filters.md lists the fields.";
            throw new FilterException(name.Column, $"There is no field {name.Value}. {hint}");
        }
        if (TryTake("in")) return new ConditionNode(field, Set(field));
        if (TryTake("!=", "ne")) return new NotNode(new ConditionNode(field, Compare(field, Comparison.Equal)));
        if (TryTake("contains")) return new ConditionNode(field, Contains(field));
        if (TryTake("matches", "~")) return new ConditionNode(field, Matches(field));
        if (TryTake("=~")) return new ConditionNode(field, MatchesTopic(field));
        if (Next.Kind != TokenKind.Text && Comparisons.TryGetValue(Next.Value, out Comparison comparison))
        {
            _next++;
            return new ConditionNode(field, Compare(field, comparison));
        }
        return new PresenceNode(field);
    }

    private AnyTest Set(CaptureField field)
    {
        if (!TryTake("{")) throw Wrong("A set stands in braces: qos in {1, 2}.");
        var tests = new List<ValueTest>();
        do tests.Add(Compare(field, Comparison.Equal));
        while (TryTake(",") || (Next.Kind is TokenKind.Word or TokenKind.Text));
        if (!TryTake("}")) throw Wrong("A } is missing.");
        return new AnyTest([.. tests]);
    }

    private ValueTest Compare(CaptureField field, Comparison comparison)
    {
        FilterToken token = Value(field);
        switch (field.Kind)
        {
            case FieldKind.Number or FieldKind.Flag or FieldKind.Name:
                return new NumberTest(comparison, Number(field, token));
            case FieldKind.Address:
                if (comparison != Comparison.Equal) throw new FilterException(token.Column, $"{field.Name} is an address: only == and != go with it.");
                return new AddressTest(Network(field, token));
            case FieldKind.Any when token.Kind == TokenKind.Word && TryNumber(token.Value, out double number):
                return new NumberTest(comparison, number);
            default:
                return new BytesTest(comparison, Bytes(token));
        }
    }

    private ContainsTest Contains(CaptureField field)
    {
        FilterToken token = Value(field);
        if (field.Kind is not (FieldKind.Text or FieldKind.Bytes or FieldKind.Any)) throw new FilterException(token.Column, $"{field.Name} is no text: contains does not go with it.");
        return new ContainsTest(Bytes(token));
    }

    private PatternTest Matches(CaptureField field)
    {
        FilterToken token = Value(field);
        if (field.Kind is not (FieldKind.Text or FieldKind.Bytes or FieldKind.Any)) throw new FilterException(token.Column, $"{field.Name} is no text: matches does not go with it.");
        try
        {
            // In linear time, whatever the expression: payloads come from strangers.
            return new PatternTest(new Regex(token.Value, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant));
        }
        catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException)
        {
            throw new FilterException(token.Column, $"This is no regular expression that can be used here: {wrong.Message}");
        }
    }

    private TopicTest MatchesTopic(CaptureField field)
    {
        FilterToken token = Value(field);
        if (!field.IsTopic) throw new FilterException(token.Column, $"=~ compares a topic with a topic filter, and {field.Name} is no topic. For regular expressions there is matches.");
        byte[] filter = Encoding.UTF8.GetBytes(token.Value);
        if (TopicFilter.Check(filter) is { } violation) throw new FilterException(token.Column, $"\"{token.Value}\" is no topic filter: {violation.Describe(ProtocolVersion.V5)}.");
        return new TopicTest(filter);
    }

    private FilterToken Value(CaptureField field)
    {
        FilterToken token = Next;
        if (token.Kind is TokenKind.End or TokenKind.Symbol) throw Wrong($"A value for {field.Name} is missing{(token.Kind == TokenKind.End ? "" : $" in front of {Shown(token)}")}.");
        _next++;
        return token;
    }

    private static double Number(CaptureField field, FilterToken token)
    {
        if (field.Names.TryGetValue(token.Value.ToLowerInvariant(), out double named)) return named;
        if (field.Kind == FieldKind.Flag && token.Value.ToLowerInvariant() is "true" or "false") return token.Value.Equals("true", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
        if (TryNumber(token.Value, out double number)) return number;
        if (field.Names.Count == 0) throw new FilterException(token.Column, $"{field.Name} is a number, and {Shown(token)} is none.");
        throw new FilterException(token.Column, $"{Shown(token)} is not one of the values of {field.Name}: {string.Join(", ", field.Names.Keys)}.");
    }

    private static bool TryNumber(string word, out double number)
    {
        if (word.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            bool isHex = long.TryParse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hex);
            number = hex;
            return isHex;
        }
        return double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    private static IPNetwork Network(CaptureField field, FilterToken token)
    {
        if (IPAddress.TryParse(token.Value, out IPAddress? address)) return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        int slash = token.Value.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && IPAddress.TryParse(token.Value.AsSpan(0, slash), out address) && int.TryParse(token.Value.AsSpan(slash + 1), out int bits))
        {
            byte[] bytes = address.GetAddressBytes();
            if (bits >= 0 && bits <= bytes.Length * 8)
            {
                for (int i = bits; i < bytes.Length * 8; i++) bytes[i / 8] &= (byte)~(0x80 >> i % 8);
                return new IPNetwork(new IPAddress(bytes), bits);
            }
        }
        throw new FilterException(token.Column, $"{field.Name} is an address, and {Shown(token)} is none: 10.0.0.1, 10.0.0.0/8, fe80::1.");
    }

    // 30:31:ff are bytes; everything else is text.
    private static byte[] Bytes(FilterToken token)
    {
        string[] parts = token.Value.Split(':');
        bool isHex = token.Kind == TokenKind.Word && parts.Length > 1 && parts.All(part => part.Length == 2 && part.All(char.IsAsciiHexDigit));
        return isHex ? Convert.FromHexString(string.Concat(parts)) : Encoding.UTF8.GetBytes(token.Value);
    }

    private bool TryTake(params ReadOnlySpan<string> words)
    {
        if (Next.Kind is TokenKind.Text or TokenKind.End) return false;
        foreach (string word in words)
        {
            if (!Next.Value.Equals(word, StringComparison.OrdinalIgnoreCase)) continue;
            _next++;
            return true;
        }
        return false;
    }

    private static string Shown(FilterToken token) => token.Kind == TokenKind.End ? "the end" : token.Kind == TokenKind.Text ? $"\"{token.Value}\"" : token.Value;

    private FilterException Wrong(string message) => new(Next.Column, message);
}
