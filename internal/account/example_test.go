package account_test

import (
	"fmt"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/i18n"
)

func ExampleRequire() {
	u := &account.User{ID: "user-1", Name: "林", Role: account.Viewer}
	err := account.Require(u, account.Import)
	fmt.Println(i18n.Error(i18n.ZH, err))
	fmt.Println(i18n.Error(i18n.EN, err))
	// Output:
	// 您的角色（查看员）不能做这件事，需要：编辑员。
	// Your role (viewer) may not do this; it needs: editor.
}

func ExampleCheckPassword() {
	fmt.Println(i18n.Error(i18n.EN, account.CheckPassword("lin", "kapok")))
	fmt.Println(account.CheckPassword("lin", "木棉花开在三月的广州"))
	// Output:
	// A password has at least 10 characters; this one has 5. A few unrelated words make a good one.
	// <nil>
}
