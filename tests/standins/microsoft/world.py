"""The people and places everybody meets here: two tenants and one personal account."""

from tests.standins.microsoft.state import Account, Drive, Site, Tenant

CONTOSO = "c0ffee00-0000-4000-8000-000000000001"
FABRIKAM = "fab00000-0000-4000-8000-000000000002"
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"  # Microsoft's own tenant of personal accounts


class World:
    def __init__(self) -> None:
        contoso = Tenant(CONTOSO, "contoso.com")
        fabrikam = Tenant(FABRIKAM, "fabrikam.com", needs_admin=True)
        self.tenants = [contoso, fabrikam]
        self.kate = Account("a1-kate", "Kate Tiny", "kate.tiny@contoso.com", contoso)
        self.ronan = Account("a2-ronan", "Ronan Park", "ronan@fabrikam.com", fabrikam)
        self.boss = Account("a3-boss", "Ada Admin", "admin@fabrikam.com", fabrikam, is_admin=True)
        self.michelle = Account("a4f00d0000000004", "Michelle Chan", "michelle@outlook.example")
        self.accounts = [self.kate, self.ronan, self.boss, self.michelle]
        self.sites: list[Site] = []
        self._personal_sites(contoso)
        self._personal_sites(fabrikam)
        self.marketing = self._site("contoso.sharepoint.com", "/sites/Marketing", "Reports")
        self.data_team = self._site("contoso.sharepoint.com", "/teams/Data", "Exports")
        self.michelle.drive = Drive(
            "OneDrive", "personal", "https://onedrive.live.com", hashes=("quickXorHash", "sha256Hash")
        )
        self._share_with_michelle()
        self.kate.drives += [*self.marketing.drives, *self.data_team.drives]

    def account(self, address: str) -> Account:
        return next(account for account in self.accounts if account.address == address)

    def site(self, host: str, path: str) -> Site | None:
        return next((s for s in self.sites if (s.host, s.path.lower()) == (host, path.lower())), None)

    def drives(self, account: Account) -> list[Drive]:
        """Where the account may look and write."""
        return [account.drive, *account.drives, *(item.drive for item in account.shared)]

    def _personal_sites(self, tenant: Tenant) -> None:
        host = f"{tenant.domain.split('.')[0]}-my.sharepoint.com"
        for account in self.accounts:
            if account.tenant is tenant:
                path = "/personal/" + account.address.replace("@", "_").replace(".", "_")
                account.drive = Drive("OneDrive", "business", f"https://{host}{path}/Documents")
                self.sites.append(Site(host, path, [account.drive], f"{host},s{len(self.sites)},w1"))

    def _site(self, host: str, path: str, library: str) -> Site:
        first = Drive("Documents", "documentLibrary", f"https://{host}{path}/Shared%20Documents")
        second = Drive(library, "documentLibrary", f"https://{host}{path}/{library}")
        site = Site(host, path, [first, second], f"{host},s{len(self.sites)},w1")
        self.sites.append(site)
        return site

    def _share_with_michelle(self) -> None:
        """Somebody's f0/f1/f2, of which f1 is shared: f0 can't be seen from here."""
        other = Drive(
            "OneDrive", "personal", "https://onedrive.live.com/other", hashes=("quickXorHash", "sha256Hash")
        )
        shared = other.root.add("f0").add("f1")
        shared.add("f2")
        self.michelle.shared.append(shared)
