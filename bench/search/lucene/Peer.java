import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.StopFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.*;
import org.apache.lucene.search.*;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.MMapDirectory;
import org.tartarus.snowball.ext.EnglishStemmer;

/** Fills Lucene with a set and asks it the queries of the set, as peer/main.go does: Peer SET RUN DEPTH. */
public class Peer {
  /** Lucene's own filters for both languages: Chinese characters and pairs, Porter's second stemmer for English. */
  static final Analyzer ANALYZER = new Analyzer() {
    @Override
    protected TokenStreamComponents createComponents(String field) {
      Tokenizer source = new StandardTokenizer();
      TokenStream t = new LowerCaseFilter(new CJKWidthFilter(new EnglishPossessiveFilter(source)));
      t = new StopFilter(new CJKBigramFilter(t, 0xff, true), EnglishAnalyzer.ENGLISH_STOP_WORDS_SET);
      return new TokenStreamComponents(source, new SnowballFilter(t, new EnglishStemmer()));
    }
  };

  static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  record Text(String id, String text) {}

  public static void main(String[] args) throws Exception {
    Path set = Path.of(args[0]), work = Files.createTempDirectory("peer");
    try {
      long begun = System.nanoTime(), used = SYSTEM.getProcessCpuTime();
      int docs = fill(work, set.resolve("docs.tsv"));
      IndexSearcher searcher = new IndexSearcher(DirectoryReader.open(new MMapDirectory(work)));
      double build = (System.nanoTime() - begun) / 1e9, cpu = (SYSTEM.getProcessCpuTime() - used) / 1e9;
      searcher.setSimilarity(new BM25Similarity(1.2f, .75f));
      searcher.setQueryCache(null);
      System.gc();
      Runtime r = Runtime.getRuntime();
      String head = String.format(Locale.ROOT, "{\"program\": \"lucene\", \"set\": \"%s\", \"docs\": %d, \"build_s\": %f, \"build_cpu_s\": %f, \"heap_mb\": %f, \"rss_mb\": %f, \"disk_mb\": %f",
          set.getFileName(), docs, build, cpu, (r.totalMemory() - r.freeMemory()) / 1e6, resident(), size(work));
      System.out.println(head + ask(searcher, set.resolve("queries.tsv"), Path.of(args[1]), Integer.parseInt(args[2])) + "}");
    } finally {
      try (var files = Files.list(work)) {
        for (Path p : files.toList()) Files.delete(p);
      }
      Files.delete(work);
    }
  }

  static int fill(Path work, Path docs) throws Exception {
    IndexWriterConfig config = new IndexWriterConfig(ANALYZER);
    config.setSimilarity(new BM25Similarity(1.2f, .75f));
    config.setRAMBufferSizeMB(128);
    int n = 0;
    try (IndexWriter w = new IndexWriter(new MMapDirectory(work), config); BufferedReader in = Files.newBufferedReader(docs)) {
      for (String line; (line = in.readLine()) != null; n++) {
        int tab = line.indexOf('\t');
        Document d = new Document();
        d.add(new StoredField("id", line.substring(0, tab)));
        d.add(new TextField("body", line.substring(tab + 1), Field.Store.NO));
        w.addDocument(d);
      }
      w.commit();
    }
    return n;
  }

  static Query parse(String text) throws Exception {
    Map<String, Integer> counts = new LinkedHashMap<>();
    try (TokenStream t = ANALYZER.tokenStream("body", text)) {
      CharTermAttribute term = t.addAttribute(CharTermAttribute.class);
      for (t.reset(); t.incrementToken(); ) counts.merge(term.toString(), 1, Integer::sum);
      t.end();
    }
    BooleanQuery.Builder any = new BooleanQuery.Builder();
    counts.forEach((term, n) -> {
      Query q = new TermQuery(new Term("body", term));
      any.add(n == 1 ? q : new BoostQuery(q, n), BooleanClause.Occur.SHOULD);
    });
    return any.build();
  }

  static String ask(IndexSearcher searcher, Path queries, Path run, int depth) throws Exception {
    List<Text> all = new ArrayList<>();
    for (String line : Files.readAllLines(queries)) {
      int tab = line.indexOf('\t');
      all.add(new Text(line.substring(0, tab), line.substring(tab + 1)));
    }
    int passes = number("PASSES", 1);
    long end = System.nanoTime() + number("BUDGET", 120) * 1_000_000_000L, hits = 0;
    int answered = 0;
    Clock cold = new Clock(), warm = new Clock();
    Files.createDirectories(run.getParent());
    IndexSearcher.setMaxClauseCount(10_000);
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(run))) {
      for (int pass = 0; pass < passes; pass++) {
        for (Text q : all) {
          if (passes > 1 && System.nanoTime() > end) break;
          List<String> found = (pass == 0 ? cold : warm).time(searcher, q, depth);
          if (pass > 0) continue;
          answered++;
          hits += found.size();
          for (String line : found) out.println(q.id + "\t" + line);
        }
      }
    }
    warm.wall.forEach((g, ms) -> { cold.wall.put(g, ms); cold.cpu.put(g, warm.cpu.get(g)); });
    return String.format(Locale.ROOT, ", \"hits\": %f, \"groups\": {%s}", (double) hits / Math.max(1, answered), cold.groups());
  }

  /** Keeps milliseconds by kind of query. */
  static class Clock {
    final Map<String, List<Double>> wall = new TreeMap<>(), cpu = new TreeMap<>();

    List<String> time(IndexSearcher searcher, Text q, int depth) throws Exception {
      long begun = System.nanoTime(), used = THREADS.getCurrentThreadCpuTime();
      List<String> out = new ArrayList<>();
      StoredFields stored = searcher.storedFields();
      for (ScoreDoc d : searcher.search(parse(q.text), depth).scoreDocs) out.add(stored.document(d.doc).get("id") + "\t" + d.score);
      wall.computeIfAbsent(group(q.id), k -> new ArrayList<>()).add((System.nanoTime() - begun) / 1e6);
      cpu.computeIfAbsent(group(q.id), k -> new ArrayList<>()).add((THREADS.getCurrentThreadCpuTime() - used) / 1e6);
      return out;
    }

    String groups() {
      StringJoiner out = new StringJoiner(", ");
      wall.forEach((g, ms) -> {
        Collections.sort(ms);
        Collections.sort(cpu.get(g));
        out.add(String.format(Locale.ROOT, "\"%s\": {\"n\": %d, \"p50\": %f, \"p95\": %f, \"cpu50\": %f}", g, ms.size(), ms.get(ms.size() / 2),
            ms.get(ms.size() * 95 / 100), cpu.get(g).get(ms.size() / 2)));
      });
      return out.toString();
    }
  }

  static String group(String id) {
    String name = id.split("-")[0];
    return List.of("long", "short", "english").contains(name) ? name : "all";
  }

  static int number(String name, int otherwise) {
    String v = System.getenv(name);
    return v == null || v.isEmpty() ? otherwise : Integer.parseInt(v);
  }

  static double resident() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS")) return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
    }
    return 0;
  }

  static double size(Path dir) throws Exception {
    long total = 0;
    try (var files = Files.list(dir)) {
      for (Path p : files.toList()) total += Files.size(p);
    }
    return total / 1e6;
  }
}
