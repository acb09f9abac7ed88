using System.Globalization;
using System.Text.Json;

namespace Godwit.Scale;

/// <summary>Prints each figure as soon as it is known: a line of a table, or of JSON.</summary>
internal sealed class Report
{
    private string _subject = "";

    public bool IsJson { get; set; }

    public void Begin(string subject)
    {
        _subject = subject;
        if (!IsJson) Console.WriteLine($"\n{subject}");
    }

    public void Add(string figure, double value, string unit)
    {
        if (IsJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { subject = _subject, figure, value = Math.Round(value, 3), unit }));
            return;
        }
        string number = value.ToString(Math.Abs(value) >= 100 || value == Math.Floor(value) ? "N0" : "N2", CultureInfo.InvariantCulture);
        Console.WriteLine($"  {figure,-72}{number,14} {unit}");
    }
}
