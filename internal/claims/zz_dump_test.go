package claims
import ("testing";"os";"fmt")
func TestDumpCheck(t *testing.T){
 text:=article(t); own:=text
 if os.Getenv("NOOWN")!=""{own=""}
 r:=audit(t,text,bundled(t,own))
 for _,c:=range r.Claims{ fmt.Printf("%s %s %s | %s | %.2f | %s\n", c.ID,c.Text,c.Verdict.Verdict,c.Verdict.FigureID,c.Verdict.Score,c.Verdict.Reason.Text.ZH); if os.Getenv("ALT")!=""{for _,a:=range c.Verdict.Alternatives{fmt.Printf("      alt %s %.2f\n",a.FigureID,a.Score)}}}
 fmt.Println(r.Summary("zh-CN"))
}
