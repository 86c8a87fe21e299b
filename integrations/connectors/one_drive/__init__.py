"""OneDrive and SharePoint, through Microsoft Graph."""
