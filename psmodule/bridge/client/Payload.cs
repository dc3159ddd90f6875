using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace NetFlow
{
    /// <summary>The payload of a frame: texts, and tables of numbers. psmodule/bridge/wire.ts has its form.</summary>
    internal sealed class Payload
    {
        private Payload(Table[] tables) => Tables = tables;

        public Table[] Tables { get; }

        /// <summary>Decodes a payload; throws InvalidDataException for anything else.</summary>
        public static Payload Read(byte[] bytes)
        {
            try
            {
                var position = 0;
                var texts = new string[ReadCount(bytes, ref position)];
                for (var index = 0; index < texts.Length; index++)
                {
                    var length = ReadCount(bytes, ref position);
                    texts[index] = Encoding.UTF8.GetString(bytes, position, length);
                    position += length;
                }
                var tables = new Table[ReadCount(bytes, ref position)];
                for (var index = 0; index < tables.Length; index++)
                {
                    tables[index] = Table.Read(bytes, ref position, texts);
                }
                return new Payload(tables);
            }
            catch (ArgumentException error)
            {
                throw new InvalidDataException("A frame of the host ends before its content does.", error);
            }
        }

        /// <summary>Encodes a table from each array: a row from each item, which is a text, a number, or an array of cells.</summary>
        public static byte[] Encode(params Array[] tables)
        {
            var texts = new List<string>();
            using (var cells = new MemoryStream())
            {
                var writer = new BinaryWriter(cells);
                foreach (var table in tables)
                {
                    writer.Write(table.Length);
                    writer.Write(table is double[][] rows ? rows[0].Length : 1);
                    foreach (var row in table)
                    {
                        foreach (var cell in row as double[] ?? new[] { EncodeCell(row, texts) }) writer.Write(cell);
                    }
                }
                return Join(texts, tables.Length, cells);
            }
        }

        private static double EncodeCell(object value, List<string> texts)
        {
            if (!(value is string text)) return Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture);
            texts.Add(text);
            return texts.Count - 1;
        }

        private static byte[] Join(List<string> texts, int tables, MemoryStream cells)
        {
            using (var payload = new MemoryStream())
            {
                var writer = new BinaryWriter(payload);
                writer.Write(texts.Count);
                foreach (var text in texts)
                {
                    var bytes = Encoding.UTF8.GetBytes(text);
                    writer.Write(bytes.Length);
                    writer.Write(bytes);
                }
                writer.Write(tables);
                writer.Flush();
                cells.WriteTo(payload);
                return payload.ToArray();
            }
        }

        /// <summary>Reads a count of items that each have at least a byte.</summary>
        internal static int ReadCount(byte[] bytes, ref int position)
        {
            var count = BitConverter.ToInt32(bytes, position);
            position += sizeof(int);
            if (count < 0 || count > bytes.Length) throw new ArgumentException("The count is impossible.");
            return count;
        }
    }

    /// <summary>Rows of numbers, some of which stand for texts.</summary>
    internal sealed class Table
    {
        private readonly byte[] bytes;
        private readonly int start;
        private readonly int columns;
        private readonly string[] texts;

        private Table(byte[] bytes, int start, int rows, int columns, string[] texts)
        {
            this.bytes = bytes;
            this.start = start;
            this.columns = columns;
            this.texts = texts;
            Rows = rows;
        }

        public int Rows { get; }

        public static Table Read(byte[] bytes, ref int position, string[] texts)
        {
            var rows = Payload.ReadCount(bytes, ref position);
            var columns = Payload.ReadCount(bytes, ref position);
            var length = (long)rows * columns * sizeof(double);
            if (length > bytes.Length - position) throw new ArgumentException("The table is longer than the frame.");
            var table = new Table(bytes, position, rows, columns, texts);
            position += (int)length;
            return table;
        }

        public double Number(int row, int column) =>
            BitConverter.ToDouble(bytes, start + (((row * columns) + column) * sizeof(double)));

        public long Long(int row, int column) => (long)Number(row, column);

        public int Int(int row, int column) => (int)Number(row, column);

        public bool Boolean(int row, int column) => Number(row, column) != 0;

        public long? LongOrNull(int row, int column)
        {
            var number = Number(row, column);
            return double.IsNaN(number) ? (long?)null : (long)number;
        }

        public string? Text(int row, int column)
        {
            var number = Number(row, column);
            return double.IsNaN(number) ? null : texts[(int)number];
        }

        /// <summary>Returns local time, as PowerShell's own cmdlets do.</summary>
        public DateTime Time(int row, int column) => Epoch.AddTicks(Long(row, column) * TimeSpan.TicksPerMillisecond).ToLocalTime();

        public DateTime? TimeOrNull(int row, int column) => double.IsNaN(Number(row, column)) ? (DateTime?)null : Time(row, column);

        private static readonly DateTime Epoch = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    }
}
