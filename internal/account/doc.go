// Package account knows who may do what: users with a role, their sessions,
// and the stored answers of repeated requests.
//
// # A tour
//
//   - Role × Action is one table (Can, Require): 查看员 viewer, 编辑员 editor,
//     管理员 admin. Services below the web do not ask it; the edge (web, api,
//     cli) does, and hands User.Author on as the change.Author of the write.
//   - Service.Create, SetPassword, SetRole and SetDisabled manage users. Each
//     appends a change entry of kind "user" that never holds a password or a
//     hash. The last admin in office cannot be removed.
//   - SignIn checks a password (argon2id, RFC 9106, in OWASP's smallest
//     recommended form) and opens a session; Session finds who a token belongs
//     to; SignOut, Sessions and Revoke end sessions.
//   - Begin, Finish and Forget let a request with an Idempotency-Key be sent
//     twice and done once.
//
// # What an attacker meets
//
// Memory: at most Options.Parallel passwords are hashed at a time; others wait,
// and give up with errs.Unavailable. Guessing: failures are counted per
// account and address and per address, before the password is looked at, and
// each failure past the fifth doubles the wait. Probing for names: an unknown
// name costs one hash as well and gets the same answer. A stolen database holds
// only SHA-256 of 256-bit tokens. Addresses in the failure table are hashed.
//
// It does not send mail, speak OAuth, or know HTTP. Its tables are
// account_user, account_session, sign_in_failure and idempotency.
package account
